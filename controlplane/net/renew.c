/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates, keys and trust anchors that have changed on disk. All are read before any is used;
 * files that have not changed are not read again, as after the start we may not be able to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "main/log.h"
#include "net/internal.h"

enum { FILE_CERTIFICATE, FILE_KEY, FILE_TRUST };

static void stamp_file(struct net_stamp *stamp, const char *path)
{
	struct stat status;

	*stamp = (struct net_stamp){0};
	if (stat(path, &status) < 0)
		return;
	stamp->device = status.st_dev;
	stamp->inode = status.st_ino;
	stamp->size = status.st_size;
	stamp->changed = status.st_ctim;
}

void net_tls_stamp(struct net_tls *tls)
{
	stamp_file(&tls->stamp[FILE_CERTIFICATE], tls->config->certificate);
	stamp_file(&tls->stamp[FILE_KEY], tls->config->private_key);
	stamp_file(&tls->stamp[FILE_TRUST], tls->config->trust);
}

static bool stamp_same(const struct net_stamp *a, const struct net_stamp *b)
{
	return a->inode && a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static bool tls_same(const struct net_tls *a, const struct net_tls *b)
{
	for (unsigned i = 0; i < NET_TLS_FILES; i++)
		if (!stamp_same(&a->stamp[i], &b->stamp[i]))
			return false;
	return true;
}

static const struct config_tls *profile_named(const struct config *config, const char *name)
{
	for (unsigned i = 0; i < config->tls_count; i++)
		if (strcmp(config->tls[i].name, name) == 0)
			return &config->tls[i];
	return NULL;
}

/* fresh[i]: the contexts of net->tls[i] as they will be; none where nothing has changed. */
static int prepare(struct net *net, const struct config *next, struct net_tls *fresh, char *error,
		   size_t size)
{
	int rc = 0;

	for (unsigned i = 0; i < net->tls_count && rc == 0; i++) {
		fresh[i].config = profile_named(next, net->tls[i].config->name);
		if (!fresh[i].config)
			continue;
		net_tls_stamp(&fresh[i]);
		if (!tls_same(&net->tls[i], &fresh[i]))
			rc = net_tls_open(net, &fresh[i], error, size);
	}
	return rc;
}

/* Who was verified by other anchors is asked again. */
static void close_connections(struct net *net, const struct net_tls *tls)
{
	struct net_connection *connection, *next;

	for (connection = TAILQ_FIRST(&net->connections); connection; connection = next) {
		next = TAILQ_NEXT(connection, of_net);
		if (connection->listener->tls == tls)
			net_connection_close(connection, "the trust anchors have changed");
	}
}

/* Connections keep the contexts that they were made with: wolfSSL counts them. */
static void commit(struct net *net, struct net_tls *tls, struct net_tls *fresh)
{
	bool trust_changed = !stamp_same(&tls->stamp[FILE_TRUST], &fresh->stamp[FILE_TRUST]);

	tls_context_free(tls->server);
	tls_context_free(tls->client);
	tls->server = fresh->server;
	tls->client = fresh->client;
	memcpy(tls->stamp, fresh->stamp, sizeof(tls->stamp));
	if (trust_changed)
		close_connections(net, tls);
}

int net_renew(struct net *net, const struct config *next, unsigned *renewed, char *error,
	      size_t size)
{
	struct net_tls *fresh = calloc(net->tls_count + 1U, sizeof(*fresh));
	int rc = -ENOMEM;

	*renewed = 0;
	snprintf(error, size, "out of memory");
	if (fresh)
		rc = prepare(net, next, fresh, error, size);
	for (unsigned i = 0; fresh && i < net->tls_count; i++) {
		if (rc == 0 && fresh[i].client) {
			commit(net, &net->tls[i], &fresh[i]);
			(*renewed)++;
		} else {
			tls_context_free(fresh[i].server);
			tls_context_free(fresh[i].client);
		}
	}
	free(fresh);
	return rc;
}
