/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/media_owner.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Field 22 of proc(5) /proc/PID/stat, counted from behind the name, which may hold anything. 0 if
 * there is no such process or it is a zombie. */
static uint64_t start_time(uint32_t pid)
{
	char path[32], line[1024] = "", state;
	uint64_t start;
	const char *rest;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	rest = strrchr(line, ')');
	if (!rest ||
	    sscanf(rest + 1,
		   " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%*s %" SCNu64,
		   &state, &start) != 2)
		return 0;
	return state == 'Z' || state == 'X' ? 0 : start;
}

void media_owner_self(uint32_t *pid, uint64_t *start)
{
	*pid = (uint32_t)getpid();
	*start = start_time(*pid);
}

bool media_owner_alive(uint32_t pid, uint64_t start)
{
	return pid != 0 && start != 0 && start_time(pid) == start;
}
