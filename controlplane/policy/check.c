/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meaning: values that are right alone, but not beside each other. */
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/load.h"

/* A user or group that is only the default may come with the package; one that was written must be
 * there. */
static void check_accounts(struct load *load)
{
	const struct config *config = load->config;

	if (load_given(load, &config->user) && !getpwnam(config->user))
		load_error_at(
		    load, &config->user,
		    "user: this host has no user %s; create it (useradd --system %s) or name "
		    "another",
		    load_show(config->user).text, config->user);
	if (load_given(load, &config->control_group) && !getgrnam(config->control_group))
		load_error_at(
		    load, &config->control_group,
		    "control_group: this host has no group %s; create it (groupadd --system "
		    "%s) or name another",
		    load_show(config->control_group).text, config->control_group);
	if (config->media_socket && config->control_socket &&
	    strcmp(config->media_socket, config->control_socket) == 0)
		load_error_at(load,
			      load_given(load, &config->control_socket) ? &config->control_socket
									: &config->media_socket,
			      "media_socket and control_socket are both %s; must be two paths",
			      load_show(config->control_socket).text);
}

/* ---- tls profiles ---- */

static bool check_file(struct load *load, const struct config_tls *tls, char *const *field,
		       const char *key, struct stat *status)
{
	struct load_label label = load_label(load, &schema_tls, tls);
	const char *wrong = NULL;

	if (!*field)
		return false;
	if (stat(*field, status) < 0)
		wrong = strerror(errno);
	else if (!S_ISREG(status->st_mode))
		wrong = "not a regular file";
	else if (status->st_size == 0)
		wrong = "empty";
	if (wrong)
		load_error_at(load, field, "%s%s: %s: %s; must be a PEM file", label.text, key,
			      load_show(*field).text, wrong);
	return !wrong;
}

static void check_tls(struct load *load, const struct config_tls *tls)
{
	struct stat status;

	check_file(load, tls, &tls->certificate, "certificate", &status);
	check_file(load, tls, &tls->trust, "trust", &status);
	if (check_file(load, tls, &tls->private_key, "private_key", &status) &&
	    (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		load_error_at(
		    load, &tls->private_key,
		    "%sprivate_key: %s has mode %04o, others may use the key; must be 0600 "
		    "(chmod 0600 FILE)",
		    load_label(load, &schema_tls, tls).text, load_show(tls->private_key).text,
		    (unsigned)(status.st_mode & 07777));
}

void check_files(struct load *load)
{
	for (unsigned i = 0; i < load->config->tls_count; i++)
		check_tls(load, &load->config->tls[i]);
}

/* ---- listeners ---- */

static void fill_listener(struct load *load, struct config_listener *listener)
{
	char canonical[INET6_ADDRSTRLEN];

	if (listener->port == 0)
		listener->port = listener->transport == SIP_TLS ? 5061 : 5060;
	if (!listener->address)
		return;
	address_parse(listener->address, listener->port, &listener->socket_address);
	address_format(&listener->socket_address, canonical, sizeof(canonical));
	free(listener->address);
	listener->address = strdup(canonical);
	if (!listener->host && !load_bad(load, &listener->host) &&
	    !address_is_any(&listener->socket_address))
		listener->host = strdup(canonical);
	if (!listener->address)
		load->out_of_memory = true;
}

static void check_listener(struct load *load, const struct config_listener *listener)
{
	struct load_label label = load_label(load, &schema_listener, listener);

	if (listener->address && address_is_any(&listener->socket_address) && !listener->host &&
	    !load_bad(load, &listener->host))
		load_error_at(load, &listener->address,
			      "%shost is missing; an address of %s needs one that peers can reach",
			      label.text, load_show(listener->address).text);
	if (load_bad(load, &listener->transport) || load_bad(load, &listener->tls))
		return;
	if (listener->transport == SIP_TLS && !load_given(load, &listener->tls))
		load_error_at(load, &listener->tls,
			      "%stls is missing; transport tls needs the name of a tls profile",
			      label.text);
	if (listener->transport != SIP_TLS && load_given(load, &listener->tls))
		load_error_at(
		    load, &listener->tls,
		    "%stls: transport %s uses no certificate; must be left out, or transport "
		    "must be tls",
		    label.text, sip_transport_name(listener->transport));
}

static bool sockets_clash(const struct config_listener *a, const struct config_listener *b)
{
	if (!a->address || !b->address || a->port != b->port ||
	    (a->transport == SIP_UDP) != (b->transport == SIP_UDP) ||
	    a->socket_address.ss_family != b->socket_address.ss_family)
		return false;
	return strcmp(a->address, b->address) == 0 || address_is_any(&a->socket_address) ||
	       address_is_any(&b->socket_address);
}

static void check_listener_sockets(struct load *load)
{
	const struct config *config = load->config;

	for (unsigned i = 0; i < config->listener_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			const struct config_listener *a = &config->listeners[j];
			const struct config_listener *b = &config->listeners[i];

			if (!sockets_clash(a, b))
				continue;
			load_error_at(
			    load, &b->address,
			    "%saddress: %s port %u is already that of line %u; must be another "
			    "address or port",
			    load_label(load, &schema_listener, b).text, load_show(b->address).text,
			    b->port, load_line(load, &a->address));
			break;
		}
	}
}

/* ---- dial plans ---- */

static void check_session_timer(struct load *load, const struct config_dial_plan *plan)
{
	if (plan->session_expires_s && plan->session_expires_s < plan->session_min_s &&
	    !load_bad(load, &plan->session_expires_s) && !load_bad(load, &plan->session_min_s))
		load_error_at(load, &plan->session_expires_s,
			      "%ssession_expires_s: %u is less than session_min_s, %u; must be 0 "
			      "or at least that",
			      load_label(load, &schema_dial_plan, plan).text,
			      plan->session_expires_s, plan->session_min_s);
}

static void check_dial_plan(struct load *load, struct config_dial_plan *plan)
{
	struct load_label label = load_label(load, &schema_dial_plan, plan);

	check_session_timer(load, plan);
	if (load_bad(load, &plan->security))
		return;
	if (plan->security != SECURITY_SECURED && load_given(load, &plan->suites))
		load_error_at(
		    load, &plan->suites,
		    "%ssuites: security %s has no SRTP; must be left out, or security must "
		    "be secured",
		    label.text, security_mode_name(plan->security));
	if (plan->security != SECURITY_SECURED && load_given(load, &plan->key_lifetime))
		load_error_at(load, &plan->key_lifetime,
			      "%skey_lifetime: security %s has no SRTP; must be left out, or "
			      "security must be secured",
			      label.text, security_mode_name(plan->security));
	if (plan->security == SECURITY_UNSECURED && plan->allow_downgrade)
		load_error_at(load, &plan->allow_downgrade,
			      "%sallow_downgrade: nothing is less secure than security unsecured; "
			      "must be left out",
			      label.text);
	if (plan->security == SECURITY_SECURED && plan->suite_count == 0) {
		plan->suites[plan->suite_count++] = SDES_AES_CM_128_HMAC_SHA1_80;
		plan->suites[plan->suite_count++] = SDES_AES_CM_128_HMAC_SHA1_32;
	}
}

void check_config(struct load *load)
{
	struct config *config = load->config;

	check_accounts(load);
	for (unsigned i = 0; i < config->listener_count; i++) {
		fill_listener(load, &config->listeners[i]);
		check_listener(load, &config->listeners[i]);
	}
	check_listener_sockets(load);
	for (unsigned i = 0; i < config->dial_plan_count; i++)
		check_dial_plan(load, &config->dial_plans[i]);
}
