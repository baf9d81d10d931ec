/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define FILES_SPARE 256U
#define LOCKED_MIN (64UL << 20) /* bytes: key memory of some 100,000 calls */

static int failed(char *error, size_t size, const char *what, const char *name)
{
	int rc = errno ? -errno : -EINVAL;

	snprintf(error, size, "%s %s: %s", what, name, strerror(-rc));
	return rc;
}

static const struct passwd *find_user(const char *user, char *error, size_t size)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(user);
	if (!entry)
		snprintf(error, size,
			 "user %s does not exist: make it (adduser --system %s) or set 'user:'",
			 user, user);
	else if (entry->pw_uid == 0)
		snprintf(error, size, "user %s is root: set 'user:' to another one", user);
	else
		return entry;
	return NULL;
}

static int become(const char *user, char *error, size_t size)
{
	const struct passwd *entry = find_user(user, error, size);

	if (!entry)
		return -ENOENT;
	if (initgroups(user, entry->pw_gid) < 0 ||
	    setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) < 0 ||
	    setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) < 0)
		return failed(error, size, "cannot become user", user);
	if (setuid(0) == 0 || seteuid(0) == 0) {
		errno = EPERM;
		return failed(error, size, "could become root again from user", user);
	}
	return 0;
}

int privileges_drop(const char *user, char *error, size_t size)
{
	const struct rlimit none = {0};
	int rc = 0;

	if (geteuid() == 0)
		rc = become(user, error, size);
	if (rc < 0)
		return rc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_CORE, &none) < 0)
		return failed(error, size, "cannot limit", "the process");
	return 0;
}

int privileges_give(const char *path, const char *user, char *error, size_t size)
{
	const struct passwd *entry;

	if (geteuid() != 0)
		return 0;
	entry = find_user(user, error, size);
	if (!entry)
		return -ENOENT;
	if (lchown(path, entry->pw_uid, (gid_t)-1) < 0)
		return failed(error, size, "cannot change the owner of", path);
	return 0;
}

static void raise_to(__rlimit_resource_t resource, rlim_t wanted)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted;
	if (limit.rlim_max < wanted && geteuid() == 0)
		limit.rlim_max = wanted;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	setrlimit(resource, &limit); /* less is said when it is missed */
}

void privileges_raise_limits(unsigned max_calls)
{
	raise_to(RLIMIT_NOFILE, (rlim_t)max_calls * 2 + FILES_SPARE);
	raise_to(RLIMIT_MEMLOCK, LOCKED_MIN);
}
