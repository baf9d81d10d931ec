/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that a foreign library keeps for ever, so that the leak sanitizer does not lay it to our
 * charge. Around single calls, with the leak named at the place. Nothing without a sanitizer.
 */
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FOREIGN_LEAKS_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define FOREIGN_LEAKS_SANITIZED 1
#endif

#ifdef FOREIGN_LEAKS_SANITIZED
#include <sanitizer/lsan_interface.h>
#endif

static inline void foreign_leaks_begin(void)
{
#ifdef FOREIGN_LEAKS_SANITIZED
	__lsan_disable();
#endif
}

static inline void foreign_leaks_end(void)
{
#ifdef FOREIGN_LEAKS_SANITIZED
	__lsan_enable();
#endif
}
