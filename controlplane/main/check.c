/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/check.h"

#include <time.h>

#include "main/log.h"
#include "tls/tls.h"

#define DAY_S 86400
#define WARN_DAYS 30

static bool check_role(const struct config_tls *tls, enum tls_role role,
		       struct tls_certificate *own)
{
	const struct tls_settings settings = {
	    .role = role,
	    .certificate = tls->certificate,
	    .private_key = tls->private_key,
	    .trust = tls->trust,
	    .tls13_only = tls->tls13_only,
	};
	struct tls_context *context;
	char error[512];

	if (tls_context_new(&context, &settings, own, error, sizeof(error)) < 0) {
		log_event(LOG_CONFIG_REFUSED, "tls %s: %s", tls->name, error);
		return false;
	}
	tls_context_free(context);
	return true;
}

unsigned check_certificates(const struct config *config)
{
	char error[512];
	unsigned wrong = 0;

	if (config->tls_count && tls_start(error, sizeof(error)) < 0) {
		log_event(LOG_CONFIG_REFUSED, "%s", error);
		return 1;
	}
	for (unsigned i = 0; i < config->tls_count; i++) {
		struct tls_certificate own;
		int64_t days;

		if (!check_role(&config->tls[i], TLS_SERVER, &own)) {
			wrong++;
			continue;
		}
		days = (own.not_after - (int64_t)time(NULL)) / DAY_S;
		if (days < WARN_DAYS)
			log_event(LOG_CONFIG_WARNING,
				  "tls %s: certificate %s ends in %lld days; renew it",
				  config->tls[i].name, config->tls[i].certificate, (long long)days);
	}
	return wrong;
}
