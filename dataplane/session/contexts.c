/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for SRTP contexts: a pool for each of their sizes, which are those of the AES keys. */
#include <errno.h>

#include "media/suite.h"
#include "session/session.h"

static size_t context_lines(unsigned suite)
{
	return (srtp_context_size(suite) + 63) / 64;
}

static struct pool **pool_of(struct sessions *sessions, unsigned suite)
{
	size_t lines = context_lines(suite);

	return lines > 0 && lines <= CONTEXT_LINES_MAX ? &sessions->contexts[lines] : NULL;
}

/* Every leg may have a receive key, the one before it, and a transmit key; those that wait for a
 * worker to let them go come on top. */
static uint32_t contexts_max(const struct sessions *sessions)
{
	return 6 * sessions->config.max_sessions + CONTEXTS_RETIRED_MAX;
}

int contexts_new(struct sessions *sessions)
{
	for (unsigned id = 1; id < SLUICE_SUITE_COUNT; id++) {
		struct pool **pool = pool_of(sessions, id);

		if (pool && !*pool &&
		    pool_new(pool, srtp_context_size(id), contexts_max(sessions), POOL_LOCKED))
			return -ENOMEM;
	}
	return 0;
}

void contexts_free(struct sessions *sessions)
{
	for (unsigned i = 0; i <= CONTEXT_LINES_MAX; i++) {
		pool_free(sessions->contexts[i]);
		sessions->contexts[i] = NULL;
	}
}

bool contexts_locked(const struct sessions *sessions)
{
	bool locked = true;

	for (unsigned i = 0; i <= CONTEXT_LINES_MAX; i++)
		locked &= !sessions->contexts[i] || pool_locked(sessions->contexts[i]);
	return locked;
}

size_t contexts_touched_bytes(const struct sessions *sessions)
{
	size_t bytes = 0;

	for (unsigned i = 0; i <= CONTEXT_LINES_MAX; i++)
		if (sessions->contexts[i])
			bytes += pool_touched_bytes(sessions->contexts[i]);
	return bytes;
}

size_t context_bytes(const struct sessions *sessions, unsigned suite)
{
	return pool_object_bytes(sessions->contexts[context_lines(suite)]);
}

int context_make(struct sessions *sessions, const struct sluice_key *key,
		 struct srtp_context **context)
{
	struct pool **pool = pool_of(sessions, key->suite);
	struct srtp_context *made = pool ? pool_take(*pool) : NULL;
	int rc;

	if (!pool)
		return -ENOTSUP;
	if (!made)
		return -ENOMEM;
	rc = srtp_context_init(made, sessions->srtp, key);
	if (rc)
		pool_give(*pool, made);
	else
		*context = made;
	return rc;
}

void context_give(struct sessions *sessions, struct srtp_context *context)
{
	struct pool **pool;

	if (!context)
		return;
	pool = pool_of(sessions, srtp_context_suite(context));
	srtp_context_wipe(context, sessions->srtp);
	pool_give(*pool, context);
}

/* A suite is there when a context of it can be made: the engine and srtp_context_init() know. */
uint32_t suites_probe(struct sessions *sessions)
{
	uint32_t suites = 1U << SLUICE_SUITE_NONE;

	for (unsigned id = 1; id < SLUICE_SUITE_COUNT; id++) {
		const struct rtp_suite *suite = rtp_suite_find(id);
		struct sluice_key key = {.suite = (uint8_t)id};
		struct srtp_context *context;

		if (!suite)
			continue;
		key.key_len = (uint8_t)(suite->key_length + suite->salt_length);
		if (context_make(sessions, &key, &context))
			continue;
		suites |= 1U << id;
		context_give(sessions, context);
	}
	return suites;
}
