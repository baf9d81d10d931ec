/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of the operator API: JSON in the shapes of api/api.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "main/daemon.h"

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *fixed_text(const char *text, size_t size)
{
	return json_stringn(text, strnlen(text, size));
}

/* A question to the data plane on behalf of an operator. */
struct question {
	struct daemon *daemon;
	struct api_request *request;
};

static void ask(struct daemon *daemon, struct api_request *request, enum sluice_type type,
		void (*answer)(void *user, int status, const void *reply, size_t length))
{
	struct question *question = malloc(sizeof(*question));

	if (!question) {
		api_refuse(request, "out of memory");
		return;
	}
	*question = (struct question){daemon, request};
	if (media_ask(daemon->media, type, NULL, 0, answer, question) < 0) {
		free(question);
		api_refuse(request, "out of memory");
	}
}

/* ---- status ---- */

static json_t *worker_object(const struct sluice_worker_status *w)
{
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "number", (int)w->number,
			 "core", number(w->core), "streams", number(w->streams), "busy_permille",
			 number(w->busy_permille), "received", number(w->received), "relayed",
			 number(w->relayed), "dropped", number(w->dropped), "handed_off",
			 number(w->handed_off));
}

static json_t *cpu_object(const struct sluice_cpu_status *c)
{
	bool is_worker = c->use >= SLUICE_CPU_WORKER;

	return json_pack("{s:i, s:o, s:s}", "cpu", (int)c->cpu, "worker",
			 is_worker ? number(c->worker) : json_null(), "reason",
			 sluice_cpu_text(c->use));
}

static json_t *bytes_object(const struct sluice_memory_status *m)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "call_rtp_rtp", number(m->call_plain),
			 "call_rtp_srtp", number(m->call_srtp), "call_srtp_srtp",
			 number(m->call_srtp2), "used", number(m->used), "at_max_sessions",
			 number(m->reserved));
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
	return json_pack("{s:o, s:o, s:o, s:b, s:b, s:o, s:i, s:i, s:o, s:o, s:o}", "name",
			 fixed_text(p->name, sizeof(p->name)), "device",
			 fixed_text(p->device, sizeof(p->device)), "kind",
			 fixed_text(p->kind, sizeof(p->kind)), "link_up", p->link_up, "degraded",
			 p->degraded, "reason", fixed_text(p->reason, sizeof(p->reason)),
			 "port_first", (int)p->port_first, "port_last", (int)p->port_last,
			 "ports_used", number(p->ports_used), "mtu", number(p->mtu), "addresses",
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
	    number(b2bua_calls(daemon->b2bua)), "max_sessions", number(hello->max_sessions),
	    "bytes", bytes_object(&status->bytes), "workers", workers, "cpus", cpus, "ports",
	    ports);
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
	struct question *question = user;
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
			     number((uv_now(&daemon->loop) - daemon->started_ms) / 1000), "calls",
			     number(b2bua_calls(daemon->b2bua)), "draining",
			     b2bua_is_draining(daemon->b2bua), "drain", drain_object(daemon),
			     "limits", operator_total_limits(daemon), "load", operator_load(daemon),
			     "mode", mode_array(daemon->config), "data_plane", data_plane));
	free(question);
}

static void run_status(void *user, struct api_request *request, const json_t *args)
{
	(void)args;
	ask(user, request, SLUICE_STATUS, status_answered);
}

/* ---- calls ---- */

static const char *call_id(struct api_request *request, const json_t *args)
{
	const char *id = json_string_value(json_object_get(args, "id"));

	if (!id)
		api_refuse(request, "which call? give its id: see 'sluicectl call list'");
	return id;
}

static void no_such_call(struct api_request *request)
{
	api_refuse(request, "no such call: see 'sluicectl call list'");
}

static void call_shown(void *user, json_t *call)
{
	if (call)
		api_answer(user, call);
	else
		no_such_call(user);
}

static void run_call_show(void *user, struct api_request *request, const json_t *args)
{
	struct daemon *daemon = user;
	const char *id = call_id(request, args);

	if (id)
		b2bua_call_show(daemon->b2bua, id, call_shown, request);
}

static void run_call_hangup(void *user, struct api_request *request, const json_t *args)
{
	struct daemon *daemon = user;
	const char *id = call_id(request, args);

	if (!id)
		return;
	if (b2bua_call_hangup(daemon->b2bua, id) == 0)
		api_answer(request, NULL);
	else
		no_such_call(request);
}

/* ---- bans ---- */

static void add_ban(void *user, const struct net_ban *ban)
{
	json_array_append_new(user, json_pack("{s:s, s:s, s:i, s:o, s:o}", "source", ban->source,
					      "reason", ban->reason, "times", (int)ban->times,
					      "left_s", number((ban->left_ms + 999) / 1000),
					      "refused", number(ban->refused)));
}

static void run_ban_list(void *user, struct api_request *request, const json_t *args)
{
	const struct daemon *daemon = user;
	json_t *list = json_array();

	(void)args;
	net_ban_each(daemon->net, add_ban, list);
	api_answer(request, list);
}

static void run_ban_lift(void *user, struct api_request *request, const json_t *args)
{
	struct daemon *daemon = user;
	const char *source = json_string_value(json_object_get(args, "address"));
	int result = source ? net_ban_lift(daemon->net, source) : -EINVAL;

	if (result == 0)
		api_answer(request, NULL);
	else if (result == -EINVAL)
		api_refuse(request, "which source? give its address: see 'sluicectl ban list'");
	else
		api_refuse(request, "%s is not banned: see 'sluicectl ban list'", source);
}

/* ---- counters ---- */

static json_t *net_object(const struct daemon *daemon)
{
	struct net_counters counters = {0};
	json_t *object = json_object();

	net_counters(daemon->net, &counters);
#define ADD_COUNTER(symbol, name, text) json_object_set_new(object, name, number(counters.symbol));
	NET_COUNTER_LIST(ADD_COUNTER)
#undef ADD_COUNTER
	return object;
}

static json_t *media_object(const struct sluice_stats *s)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "sessions", number(s->sessions),
			 "opened", number(s->opened), "received", number(s->received), "relayed",
			 number(s->relayed), "relayed_rtcp", number(s->relayed_rtcp), "decrypted",
			 number(s->decrypted), "encrypted", number(s->encrypted));
}

static void stats_answered(void *user, int status, const void *reply, size_t length)
{
	struct question *question = user;
	const struct daemon *daemon = question->daemon;
	bool known = status == 0 && reply && length >= sizeof(struct sluice_stats);

	api_answer(question->request,
		   json_pack("{s:o, s:o, s:o, s:o, s:o, s:o*}", "signalling",
			     b2bua_counters(daemon->b2bua), "overload",
			     operator_overload_counters(daemon), "net", net_object(daemon),
			     "transactions", b2bua_transaction_counters(daemon->b2bua), "media",
			     known ? media_object(reply) : json_null(), "records",
			     daemon->records ? records_counters(daemon->records) : NULL));
	free(question);
}

static void run_stats(void *user, struct api_request *request, const json_t *args)
{
	(void)args;
	ask(user, request, SLUICE_STATS, stats_answered);
}

static void drops_answered(void *user, int status, const void *reply, size_t length)
{
	struct question *question = user;
	const struct sluice_stats *stats = reply;
	json_t *list = json_array();

	if (status < 0 || !stats || length < sizeof(*stats)) {
		json_decref(list);
		api_refuse(question->request, "data plane is away: see 'sluicectl status'");
		free(question);
		return;
	}
	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:o}", "name", sluice_drop_name(i), "text",
				    sluice_drop_text(i), "packets", number(stats->drops[i])));
	api_answer(question->request, list);
	free(question);
}

static void run_drops(void *user, struct api_request *request, const json_t *args)
{
	(void)args;
	ask(user, request, SLUICE_STATS, drops_answered);
}

const struct api_command operator_commands[] = {
    {"status", false, run_status},
    {"call list", false, operator_call_list},
    {"call show", false, run_call_show},
    {"call hangup", true, run_call_hangup},
    {"call capture", true, operator_call_capture},
    {"peer list", false, operator_peer_list},
    {"route test", false, operator_route_test},
    {"stats", false, run_stats},
    {"drops", false, run_drops},
    {"ban list", false, run_ban_list},
    {"record list", false, operator_record_list},
    {"record rotate", true, operator_record_rotate},
    {"registration list", false, operator_registration_list},
    {"ban lift", true, run_ban_lift},
    {"limit list", false, operator_limit_list},
    {"reload", true, operator_reload},
    {"drain", true, operator_drain},
    {"undrain", true, operator_undrain},
};
const unsigned operator_command_count = sizeof(operator_commands) / sizeof(operator_commands[0]);
