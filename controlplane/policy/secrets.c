/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passwords of ours, each in a file of its own: never in the configuration, which many may read. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/load.h"

#define PASSWORD_MAX 256U

/* One line, without the end of line. */
static const char *take_line(char **password, char *text)
{
	size_t length = strcspn(text, "\r\n");

	if (text[length + strspn(text + length, "\r\n")] != '\0')
		return "has more than one line";
	if (length == 0)
		return "is empty";
	*password = strndup(text, length);
	return *password ? NULL : "out of memory";
}

/* The mode is that of the open file, so that it is the file that is read. */
static const char *read_password(char **password, int fd)
{
	char text[PASSWORD_MAX + 2];
	const char *wrong = NULL;
	struct stat status;
	ssize_t length;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return "is not a regular file";
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		return "may be used by others; run chmod 0600 on it";
	length = read(fd, text, sizeof(text) - 1);
	if (length < 0)
		wrong = strerror(errno);
	else if (length > (ssize_t)PASSWORD_MAX)
		wrong = "has more than 256 bytes";
	else if (memchr(text, '\0', (size_t)length))
		wrong = "has a NUL in it";
	if (!wrong) {
		text[length] = '\0';
		wrong = take_line(password, text);
	}
	explicit_bzero(text, sizeof(text));
	return wrong;
}

static int load_password(struct config_peer *peer, char *error, size_t size)
{
	int fd = open(peer->auth_password_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *wrong = fd < 0 ? strerror(errno) : read_password(&peer->auth_password, fd);

	if (fd >= 0)
		close(fd);
	if (!wrong)
		return 0;
	snprintf(error, size, "peer %s: auth_password_file %s: %s", peer->name,
		 peer->auth_password_file, wrong);
	return -EINVAL;
}

int config_secrets_load(struct config *config, char *error, size_t size)
{
	int result = 0;

	for (unsigned i = 0; result == 0 && i < config->peer_count; i++)
		if (config->peers[i].auth_password_file && !config->peers[i].auth_password)
			result = load_password(&config->peers[i], error, size);
	return result;
}

void config_secrets_wipe(struct config *config)
{
	for (unsigned i = 0; i < config->peer_count; i++) {
		char *password = config->peers[i].auth_password;

		if (password)
			explicit_bzero(password, strlen(password));
		free(password);
		config->peers[i].auth_password = NULL;
	}
}
