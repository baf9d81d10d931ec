/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words with one writer and any number of readers: a counter of the worker that the main thread
 * looks at. An increment needs no locked instruction; the atomic access only keeps a reader from
 * seeing half a word. A reader sees words in the order in which they were written.
 */
#pragma once

#include <stdint.h>

static inline void word_set(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline uint32_t word_get(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void wide_set(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline uint64_t wide_get(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void byte_set(uint8_t *byte, uint8_t value)
{
	__atomic_store_n(byte, value, __ATOMIC_RELEASE);
}

static inline uint8_t byte_get(const uint8_t *byte)
{
	return __atomic_load_n(byte, __ATOMIC_ACQUIRE);
}
