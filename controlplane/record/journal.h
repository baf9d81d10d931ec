/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls that live now, in a file that outlives the process: what a call's record would say is
 * put there when it begins, so that a crash or a kill does not make a call disappear. The file is
 * mapped: a call costs a copy and no system call, and what was copied is in the file whatever
 * becomes of the process (not of the host: a power cut may lose the last seconds).
 *
 * Thread: the loop's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define JOURNAL_TEXT_MAX 2016U /* bytes of a call */

struct journal;

/* A call that was alive when the process before ended. answered_ms: since the epoch; 0: not. */
typedef void journal_unclean(void *user, const char *text, size_t length, int64_t answered_ms);

/*
 * Opens or makes the file at path (mode 0600), with room for slots calls, reserved on the disk at
 * once. Calls that it still holds are given to unclean, and then forgotten. Returns 0, or -errno
 * with error (size bytes): -EWOULDBLOCK (another process has it), -ENOSPC, …
 */
int journal_open(struct journal **journal, const char *path, unsigned slots,
		 journal_unclean *unclean, void *user, char *error, size_t size);
void journal_close(struct journal *journal); /* NULL is fine */
/* Room for that many calls, beside those that are in it. 0, or -errno: it is as it was. */
int journal_grow(struct journal *journal, unsigned slots);

/* Returns the slot, from 1; 0: not kept, since all are taken or the text is too long. */
unsigned journal_begin(struct journal *journal, const char *text, size_t length);
/* slot 0 is passed over. */
void journal_answered(struct journal *journal, unsigned slot, int64_t answered_ms);
void journal_end(struct journal *journal, unsigned slot);

/* Gives the calls in the content of a file, which may be anything. Returns how many. */
size_t journal_scan(const void *content, size_t size, journal_unclean *unclean, void *user);
