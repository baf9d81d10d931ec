/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/secret_file.h"
#include "policy/syntax.h"

#define FILE_MAX (16U << 20)
#define ALGORITHMS 2U
#define IDENTITIES_MAX 1024U

static const size_t digits[ALGORITHMS] = {[SIP_DIGEST_MD5] = 32, [SIP_DIGEST_SHA_256] = 64};

struct user { /* one line */
	enum sip_digest_algorithm algorithm;
	char name[SYNTAX_NAME_MAX + 1];
	char ha1[65];
	char *identities; /* NULL: none besides name */
};

struct users {
	unsigned count, room;
	bool have[ALGORITHMS];
	struct user *user; /* sorted by name, then algorithm */
};

static int order(const void *a, const void *b)
{
	const struct user *x = a, *y = b;
	int names = strcmp(x->name, y->name);

	return names ? names : (int)x->algorithm - (int)y->algorithm;
}

void users_free(struct users *users)
{
	if (!users)
		return;
	for (unsigned i = 0; i < users->count; i++)
		free(users->user[i].identities);
	if (users->user)
		explicit_bzero(users->user, users->room * sizeof(*users->user));
	free(users->user);
	free(users);
}

/* Once, before the first: growing would leave copies behind. */
static int make_room(struct users *users, const char *text)
{
	users->room = 1;
	for (; (text = strchr(text, '\n')) != NULL; text++)
		users->room++;
	if (users->room > USERS_MAX)
		users->room = USERS_MAX;
	users->user = calloc(users->room, sizeof(*users->user));
	return users->user ? 0 : -ENOMEM;
}

static const char *take_hash(struct user *user, const char *hash)
{
	size_t length = strlen(hash);

	if (strspn(hash, "0123456789abcdefABCDEF") != length ||
	    (length != digits[SIP_DIGEST_MD5] && length != digits[SIP_DIGEST_SHA_256]))
		return "the third field must be 32 (MD5) or 64 (SHA-256) hexadecimal digits";
	user->algorithm = length == digits[SIP_DIGEST_MD5] ? SIP_DIGEST_MD5 : SIP_DIGEST_SHA_256;
	for (size_t i = 0; i <= length; i++)
		user->ha1[i] = (char)(hash[i] ? hash[i] | 0x20 : 0);
	return NULL;
}

/* text: what follows the hash; NULL: nothing. */
static const char *take_identities(struct user *user, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (!text)
		return NULL;
	if (length == 0 || length > IDENTITIES_MAX)
		return "the fourth field must be 1 to 1024 characters";
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] > '~' || strchr("\"\\<>:;", text[i]))
			return "the fourth field must be user parts, user@host or *, with commas "
			       "between";
	if (text[0] == ',' || text[length - 1] == ',' || strstr(text, ",,"))
		return "the fourth field has an empty identity";
	user->identities = strdup(text);
	return user->identities ? NULL : "out of memory";
}

/* USER:REALM:HASH[:IDENTITIES]; cuts line. */
static const char *take_line(struct users *users, char *line, const char *realm)
{
	char *second = strchr(line, ':'), *third = second ? strchr(second + 1, ':') : NULL, *fourth;
	const char *wrong;
	struct user *user;

	if (!third)
		return "must be USER:REALM:HASH, or USER:REALM:HASH:IDENTITY,IDENTITY";
	*second++ = '\0';
	*third++ = '\0';
	fourth = strchr(third, ':');
	if (fourth)
		*fourth++ = '\0';
	if (users->count == users->room)
		return "is one user too many; at most 100000 lines";
	if (syntax_auth_user(line))
		return "the user must be 1 to 63 printable characters without quote and backslash";
	if (strcmp(second, realm) != 0)
		return "the realm must be that of the peer (auth_realm)";
	user = &users->user[users->count];
	wrong = take_hash(user, third);
	if (!wrong)
		wrong = take_identities(user, fourth);
	if (wrong)
		return wrong;
	snprintf(user->name, sizeof(user->name), "%s", line);
	users->have[user->algorithm] = true;
	users->count++;
	return NULL;
}

static const char *take_lines(struct users *users, char *text, const char *realm, unsigned *number)
{
	const char *wrong = NULL;
	char *line;

	for (*number = 1; !wrong && (line = strsep(&text, "\n")) != NULL; ++*number) {
		size_t length = strlen(line);

		if (length > 0 && line[length - 1] == '\r')
			line[length - 1] = '\0';
		if (*line && *line != '#')
			wrong = take_line(users, line, realm);
	}
	--*number;
	return wrong;
}

static const char *check_unique(struct users *users)
{
	qsort(users->user, users->count, sizeof(*users->user), order);
	for (unsigned i = 1; i < users->count; i++)
		if (order(&users->user[i - 1], &users->user[i]) == 0)
			return "has two lines of one user and kind of hash";
	return users->count ? NULL : "has no users";
}

static int read_users(struct users *users, char *text, const char *realm, char *error, size_t size)
{
	const char *wrong;
	unsigned number;

	if (make_room(users, text) < 0) {
		snprintf(error, size, "out of memory");
		return -ENOMEM;
	}
	wrong = take_lines(users, text, realm, &number);
	if (wrong) {
		snprintf(error, size, "line %u: %s", number, wrong);
		return -EINVAL;
	}
	wrong = check_unique(users);
	if (wrong)
		snprintf(error, size, "%s", wrong);
	return wrong ? -EINVAL : 0;
}

int users_load(struct users **loaded, const char *path, const char *realm, char *error, size_t size)
{
	struct users *users = calloc(1, sizeof(*users));
	struct secret_text text = {0};
	const char *wrong;
	int result;

	*loaded = NULL;
	wrong = users ? secret_file_read(&text, path, FILE_MAX) : "out of memory";
	if (wrong) {
		snprintf(error, size, "%s", wrong);
		result = users ? -EINVAL : -ENOMEM;
	} else {
		result = read_users(users, text.data, realm, error, size);
	}
	secret_text_wipe(&text);
	if (result < 0)
		users_free(users);
	else
		*loaded = users;
	return result;
}

static const struct user *find(const struct users *users, struct str name,
			       enum sip_digest_algorithm algorithm)
{
	struct user wanted = {.algorithm = algorithm};

	if (name.len >= sizeof(wanted.name))
		return NULL;
	memcpy(wanted.name, name.ptr, name.len);
	return bsearch(&wanted, users->user, users->count, sizeof(wanted), order);
}

const char *users_ha1(const struct users *users, struct str name,
		      enum sip_digest_algorithm algorithm)
{
	const struct user *found = find(users, name, algorithm);

	return found ? found->ha1 : NULL;
}

const char *users_identities(const struct users *users, struct str name,
			     enum sip_digest_algorithm algorithm)
{
	const struct user *found = find(users, name, algorithm);

	return found ? found->identities : NULL;
}

bool users_have(const struct users *users, enum sip_digest_algorithm algorithm)
{
	return users->have[algorithm];
}
