/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crypto/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX 64U /* bytes of a list of names */

const struct crypto_engine *const crypto_engines[] = {
    &crypto_engine_ipsec_mb,
    &crypto_engine_libsrtp,
    NULL,
};

static const struct crypto_engine *find(const struct crypto_engine *const *engines,
					const char *name)
{
	for (; *engines; engines++) {
		if (strcmp((*engines)->name, name) == 0)
			return *engines;
	}
	errno = ENOENT;
	return NULL;
}

const struct crypto_engine *crypto_engine_find(const char *name)
{
	return find(crypto_engines, name);
}

enum which { WHICH_ALL, WHICH_RUN };

/* "ipsec_mb, libsrtp" */
static void names(const struct crypto_engine *const *engines, enum which which, char *text,
		  size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (; *engines; engines++) {
		if (which == WHICH_RUN && (*engines)->probe(NULL, 0) < 0)
			continue;
		int written =
		    snprintf(text + used, size - used, "%s%s", used ? ", " : "", (*engines)->name);

		if (written < 0 || (size_t)written >= size - used)
			return;
		used += (size_t)written;
	}
}

int crypto_engine_choose(const struct crypto_engine *const *engines, const char *name,
			 const struct crypto_engine **chosen, char *features, size_t features_size,
			 char *error, size_t error_size)
{
	const struct crypto_engine *engine = find(engines, name);
	char list[NAMES_MAX];
	int result;

	if (!engine) {
		names(engines, WHICH_ALL, list, sizeof(list));
		snprintf(error, error_size, "there is no crypto engine \"%s\"; there are %s", name,
			 list);
		return -ENOENT;
	}
	result = engine->probe(features, features_size);
	if (result == 0) {
		*chosen = engine;
		return 0;
	}
	names(engines, WHICH_RUN, list, sizeof(list));
	snprintf(error, error_size,
		 "crypto engine %s does not run on this machine: it needs %s; %s%s", name,
		 engine->needs, list[0] ? "engines that do run here: " : "no other does either",
		 list);
	return result;
}
