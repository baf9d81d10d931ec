/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arguments of a command, as struct command describes them in one text: "ID [wire|stop]
 * [SECONDS] [peer=NAME] [older=SECONDS]". Those with a '=' may be anywhere and in any order, also
 * as --peer=NAME; they come last in the text.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* How many words there must be, and may be. */
unsigned arguments_least(const char *arguments);
unsigned arguments_most(const char *arguments);

/*
 * The words as an object for the daemon: {"id": "7f3a", "mode": "wire", "seconds": 60, "peer": "a",
 * "older_s": 60}; NULL when
 * there are none. Returns 0, -EINVAL (*wrong: the argument that a word does not fit, as described),
 * -EILSEQ (a word is not UTF-8), -ENOMEM.
 */
int arguments_pack(const char *arguments, const char *const words[], unsigned count, json_t **args,
		   char wrong[64]);

/* Whether argument number (from 0) has this name, such as "ID". */
bool arguments_is(const char *arguments, unsigned number, const char *name);

/* Calls each for the choices of argument number that begin with begin. */
void arguments_complete(const char *arguments, unsigned number, const char *begin,
			void (*each)(void *user, const char *candidate), void *user);
