/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passwords, each kind in a file of its own: never in the configuration, which many may read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/secret_file.h"
#include "policy/users.h"

#define PASSWORD_MAX 256U

/* One line, without the end of line. */
static const char *take_line(char **password, char *text)
{
	size_t length = strcspn(text, "\r\n");

	if (text[length + strspn(text + length, "\r\n")] != '\0')
		return "has more than one line";
	if (length == 0)
		return "is empty";
	if (length > PASSWORD_MAX)
		return "has more than 256 bytes";
	*password = strndup(text, length);
	return *password ? NULL : "out of memory";
}

static int load_password(struct config_peer *peer, char *error, size_t size)
{
	struct secret_text text;
	const char *wrong = secret_file_read(&text, peer->auth_password_file, PASSWORD_MAX + 2);

	if (!wrong)
		wrong = take_line(&peer->auth_password, text.data);
	secret_text_wipe(&text);
	if (!wrong)
		return 0;
	snprintf(error, size, "peer %s: auth_password_file %s: %s", peer->name,
		 peer->auth_password_file, wrong);
	return -EINVAL;
}

static int load_users(struct config_peer *peer, char *error, size_t size)
{
	char wrong[128];
	int result = users_load(&peer->auth_users, peer->auth_users_file, peer->auth_realm, wrong,
				sizeof(wrong));

	if (result < 0)
		snprintf(error, size, "peer %s: auth_users_file %s: %s", peer->name,
			 peer->auth_users_file, wrong);
	return result;
}

int config_secrets_load(struct config *config, char *error, size_t size)
{
	int result = 0;

	for (unsigned i = 0; result == 0 && i < config->peer_count; i++) {
		struct config_peer *peer = &config->peers[i];

		if (peer->auth_password_file && !peer->auth_password)
			result = load_password(peer, error, size);
		if (result == 0 && peer->auth_users_file && !peer->auth_users)
			result = load_users(peer, error, size);
	}
	return result;
}

void config_secrets_wipe(struct config *config)
{
	for (unsigned i = 0; i < config->peer_count; i++) {
		struct config_peer *peer = &config->peers[i];

		if (peer->auth_password)
			explicit_bzero(peer->auth_password, strlen(peer->auth_password));
		free(peer->auth_password);
		peer->auth_password = NULL;
		users_free(peer->auth_users);
		peer->auth_users = NULL;
	}
}
