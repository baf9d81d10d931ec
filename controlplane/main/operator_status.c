/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status: both daemons */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "main/daemon.h"

static json_t *fixed_text(const char *text, size_t size)
{
	return json_stringn(text, strnlen(text, size));
}

static json_t *worker_object(const struct sluice_worker_status *w)
{
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "number", (int)w->number,
			 "core", operator_number(w->core), "streams", operator_number(w->streams),
			 "busy_permille", operator_number(w->busy_permille), "received",
			 operator_number(w->received), "relayed", operator_number(w->relayed),
			 "dropped", operator_number(w->dropped), "handed_off",
			 operator_number(w->handed_off));
}

static json_t *cpu_object(const struct sluice_cpu_status *c)
{
	bool is_worker = c->use >= SLUICE_CPU_WORKER;

	return json_pack("{s:i, s:o, s:s}", "cpu", (int)c->cpu, "worker",
			 is_worker ? operator_number(c->worker) : json_null(), "reason",
			 sluice_cpu_text(c->use));
}

static json_t *bytes_object(const struct sluice_memory_status *m)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "call_rtp_rtp",
			 operator_number(m->call_plain), "call_rtp_srtp",
			 operator_number(m->call_srtp), "call_srtp_srtp",
			 operator_number(m->call_srtp2), "used", operator_number(m->used),
			 "at_max_sessions", operator_number(m->reserved));
}

/* The address without the port that sluice_addr_format() adds. */
static json_t *address_text(const struct sluice_addr *addr)
{
	char text[64];

	if (!inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->ip, text, sizeof(text)))
		return json_string("?");
	return json_string(text);
}

static json_t *port_object(const struct sluice_port_status *p)
{
	json_t *addresses = json_array();

	for (unsigned i = 0; i < sizeof(p->address) / sizeof(p->address[0]); i++)
		if (p->address[i].family)
			json_array_append_new(addresses, address_text(&p->address[i]));
	return json_pack("{s:o, s:o, s:o, s:b, s:b, s:o, s:i, s:i, s:i, s:o, s:o, s:o, s:o}",
			 "name", fixed_text(p->name, sizeof(p->name)), "device",
			 fixed_text(p->device, sizeof(p->device)), "kind",
			 fixed_text(p->kind, sizeof(p->kind)), "link_up", p->link_up, "degraded",
			 p->degraded, "reason", fixed_text(p->reason, sizeof(p->reason)), "vlan",
			 (int)p->vlan, "port_first", (int)p->port_first, "port_last",
			 (int)p->port_last, "ports_used", operator_number(p->ports_used), "mtu",
			 operator_number(p->mtu), "missed", operator_number(p->missed), "addresses",
			 addresses);
}

static json_t *data_plane_up(const struct daemon *daemon, const struct sluice_status *status)
{
	const struct sluice_hello_reply *hello = media_hello(daemon->media);
	json_t *workers = json_array(), *ports = json_array(), *cpus = json_array();
	char boot_id[17];

	snprintf(boot_id, sizeof(boot_id), "%016" PRIx64, status->boot_id);
	for (unsigned i = 0; i < status->workers && i < 16; i++)
		json_array_append_new(workers, worker_object(&status->worker[i]));
	for (unsigned i = 0; i < status->ports && i < 16; i++)
		json_array_append_new(ports, port_object(&status->port[i]));
	for (unsigned i = 0; i < status->cpus && i < SLUICE_CPUS_MAX; i++)
		json_array_append_new(cpus, cpu_object(&status->cpu[i]));
	return json_pack(
	    "{s:b, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "up", 1, "boot_id",
	    boot_id, "version", fixed_text(hello->version, sizeof(hello->version)), "engine",
	    fixed_text(status->engine, sizeof(status->engine)), "memory",
	    fixed_text(status->memory, sizeof(status->memory)), "degraded", status->degraded != 0,
	    "reason", fixed_text(status->reason, sizeof(status->reason)), "sessions",
	    operator_number(b2bua_calls(daemon->b2bua)), "max_sessions",
	    operator_number(hello->max_sessions), "bytes", bytes_object(&status->bytes), "workers",
	    workers, "cpus", cpus, "ports", ports);
}

static json_t *mode_array(const struct config *config)
{
	json_t *modes = json_array();

	for (enum security_mode mode = SECURITY_UNSECURED; mode <= SECURITY_SECURED; mode++)
		if (daemon_uses_mode(config, mode))
			json_array_append_new(modes, json_string(security_mode_name(mode)));
	return modes;
}

static void status_answered(void *user, int status, const void *reply, size_t length)
{
	struct operator_question *question = user;
	struct daemon *daemon = question->daemon;
	json_t *data_plane;

	if (status == 0 && reply && length >= sizeof(struct sluice_status))
		data_plane = data_plane_up(daemon, reply);
	else
		data_plane = json_pack("{s:b, s:s}", "up", 0, "reason",
				       status == -ENOTCONN ? "not connected" : strerror(-status));
	api_answer(question->request,
		   json_pack("{s:s, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "version",
			     SLUICE_VERSION, "uptime_s",
			     operator_number((uv_now(&daemon->loop) - daemon->started_ms) / 1000),
			     "calls", operator_number(b2bua_calls(daemon->b2bua)), "draining",
			     b2bua_is_draining(daemon->b2bua), "drain", drain_object(daemon),
			     "limits", operator_total_limits(daemon), "load", operator_load(daemon),
			     "mode", mode_array(daemon->config), "data_plane", data_plane));
	free(question);
}

void operator_status(void *user, struct api_request *request, const json_t *args)
{
	(void)args;
	operator_ask(user, request, SLUICE_STATUS, status_answered);
}
