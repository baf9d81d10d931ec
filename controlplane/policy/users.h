/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Users that must show digest credentials, from a file in the form of htdigest(1): a line
 * USER:REALM:HASH each, HASH being MD5 (32 digits) or SHA-256 (64 digits) of USER:REALM:PASSWORD. A
 * user may have one line of each. Empty lines and lines that begin with '#' are skipped. A fourth
 * field, USER:REALM:HASH:IDENTITY,IDENTITY..., says whom else the user may be besides itself: user
 * parts, or "user@host", or "*" for anybody.
 *
 * The hashes are as good as the passwords in that realm: they are kept like them, and wiped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sip/challenge.h"

#define USERS_MAX 100000U

struct users;

/*
 * Reads a file of mode 0600. All lines must be of realm. Returns 0; or -EINVAL with error, "what is
 * wrong, and where", which never holds a hash; or -ENOMEM.
 */
int users_load(struct users **users, const char *path, const char *realm, char *error, size_t size);
void users_free(struct users *users); /* wipes; NULL is fine */

/* H(A1) in lower-case digits; NULL: no such user, or not in that algorithm. */
const char *users_ha1(const struct users *users, struct str name,
		      enum sip_digest_algorithm algorithm);
/* The fourth field of that line; NULL: no such line, or no such field. */
const char *users_identities(const struct users *users, struct str name,
			     enum sip_digest_algorithm algorithm);
/* Whether any user has one in that algorithm. */
bool users_have(const struct users *users, enum sip_digest_algorithm algorithm);
