/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/huge.h"

#include <stdint.h>
#include <sys/mman.h>

/* Below it the rest of a huge page would be more than what is asked for. */
#define WORTH_IT (HUGE_PAGE / 2)

static size_t rounded(size_t size)
{
	return (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
}

static void *map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* The system begins a mapping where it likes; a huge page begins at a multiple of its size. */
static void *map_aligned(size_t size)
{
	char *memory = map(size + HUGE_PAGE);
	size_t before, behind;

	if (!memory)
		return NULL;
	before = (HUGE_PAGE - (uintptr_t)memory % HUGE_PAGE) % HUGE_PAGE;
	behind = HUGE_PAGE - before;
	if (before)
		munmap(memory, before);
	if (behind)
		munmap(memory + before + size, behind);
	return memory + before;
}

void *huge_map(size_t size)
{
	void *memory;

	if (size < WORTH_IT)
		return map(size);
	memory = map_aligned(rounded(size));
	if (memory)
		(void)madvise(memory, rounded(size), MADV_HUGEPAGE);
	return memory;
}

void huge_unmap(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size < WORTH_IT ? size : rounded(size));
}
