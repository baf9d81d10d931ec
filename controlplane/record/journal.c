/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC "SLUICEJ1"

enum slot_state { SLOT_FREE = 0, SLOT_LIVE = 0x4556494c }; /* "LIVE" */

/* In the file. The first slot is its head: magic as text, nothing else. */
struct slot {
	uint32_t state;
	uint32_t length; /* of text */
	int64_t answered_ms;
	uint8_t pad[16];
	char text[JOURNAL_TEXT_MAX];
};
static_assert(sizeof(struct slot) == 2048, "layout of the file");

struct journal {
	int fd;
	struct slot *slot; /* mapped; [0] is the head */
	unsigned slots;    /* of calls */
	unsigned *free;    /* the numbers that are free */
	unsigned free_count;
};

size_t journal_scan(const void *content, size_t size, journal_unclean *unclean, void *user)
{
	const struct slot *slot = content;
	size_t slots = size / sizeof(*slot), count = 0;

	if (slots == 0 || memcmp(slot->text, MAGIC, sizeof(MAGIC)) != 0)
		return 0;
	for (size_t i = 1; i < slots; i++) {
		if (slot[i].state != SLOT_LIVE || slot[i].length > JOURNAL_TEXT_MAX)
			continue;
		unclean(user, slot[i].text, slot[i].length, slot[i].answered_ms);
		count++;
	}
	return count;
}

static int fail(char *error, size_t size, const char *path, int rc)
{
	snprintf(error, size, "%s: %s", path,
		 rc == -EWOULDBLOCK ? "another sluice-controlplane writes it" : strerror(-rc));
	return rc;
}

/* What the process before left. */
static int scan_file(int fd, journal_unclean *unclean, void *user)
{
	off_t size = lseek(fd, 0, SEEK_END);
	void *content;

	if (size < (off_t)sizeof(struct slot))
		return size < 0 ? -errno : 0;
	content = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (content == MAP_FAILED)
		return -errno;
	journal_scan(content, (size_t)size, unclean, user);
	munmap(content, (size_t)size);
	return 0;
}

static size_t size_of(unsigned slots)
{
	return ((size_t)slots + 1) * sizeof(struct slot);
}

/* Room on the disk is taken now: a mapped page without any would be a SIGBUS later. */
static int map(struct journal *journal)
{
	size_t size = size_of(journal->slots);
	int rc = ftruncate(journal->fd, 0) < 0 ? -errno : 0;

	rc = rc ? rc : -posix_fallocate(journal->fd, 0, (off_t)size);
	if (rc)
		return rc;
	journal->slot = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, journal->fd, 0);
	if (journal->slot == MAP_FAILED) {
		journal->slot = NULL;
		return -errno;
	}
	memcpy(journal->slot[0].text, MAGIC, sizeof(MAGIC));
	for (unsigned i = journal->slots; i > 0; i--)
		journal->free[journal->free_count++] = i;
	return 0;
}

static int lock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

int journal_grow(struct journal *journal, unsigned slots)
{
	unsigned *free_slots;
	void *grown;
	int rc;

	if (slots <= journal->slots)
		return 0;
	free_slots = reallocarray(journal->free, slots, sizeof(*free_slots));
	if (!free_slots)
		return -ENOMEM;
	journal->free = free_slots;
	rc = -posix_fallocate(journal->fd, 0, (off_t)size_of(slots));
	if (rc)
		return rc;
	grown = mremap(journal->slot, size_of(journal->slots), size_of(slots), MREMAP_MAYMOVE);
	if (grown == MAP_FAILED)
		return -errno;
	journal->slot = grown;
	for (unsigned i = slots; i > journal->slots; i--)
		journal->free[journal->free_count++] = i;
	journal->slots = slots;
	return 0;
}

int journal_open(struct journal **journal, const char *path, unsigned slots,
		 journal_unclean *unclean, void *user, char *error, size_t size)
{
	struct journal *new = calloc(1, sizeof(*new));
	int rc;

	*journal = NULL;
	if (!new)
		return fail(error, size, path, -ENOMEM);
	new->slots = slots;
	new->free = calloc(slots, sizeof(*new->free));
	new->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	rc = new->fd < 0 ? -errno : new->free ? lock(new->fd) : -ENOMEM;
	rc = rc ? rc : scan_file(new->fd, unclean, user);
	rc = rc ? rc : map(new);
	if (rc) {
		journal_close(new);
		return fail(error, size, path, rc);
	}
	*journal = new;
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	if (journal->slot)
		munmap(journal->slot, size_of(journal->slots));
	if (journal->fd >= 0)
		close(journal->fd);
	free(journal->free);
	free(journal);
}

/* The state is set last: a process that dies before has not begun the call. */
static void state_set(struct slot *slot, enum slot_state state)
{
	__atomic_store_n(&slot->state, (uint32_t)state, __ATOMIC_RELEASE);
}

unsigned journal_begin(struct journal *journal, const char *text, size_t length)
{
	unsigned number;
	struct slot *slot;

	if (length > JOURNAL_TEXT_MAX || journal->free_count == 0)
		return 0;
	number = journal->free[--journal->free_count];
	slot = &journal->slot[number];
	memcpy(slot->text, text, length);
	slot->length = (uint32_t)length;
	slot->answered_ms = 0;
	state_set(slot, SLOT_LIVE);
	return number;
}

void journal_answered(struct journal *journal, unsigned slot, int64_t answered_ms)
{
	if (slot != 0)
		journal->slot[slot].answered_ms = answered_ms;
}

void journal_end(struct journal *journal, unsigned slot)
{
	if (slot == 0)
		return;
	state_set(&journal->slot[slot], SLOT_FREE);
	journal->free[journal->free_count++] = slot;
}
