/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/schema.h"

#include <assert.h>
#include <stdlib.h>

#include "policy/config.h"
#include "policy/schema_rows.h"
#include "policy/syntax.h"

const struct schema_choice schema_transports[] = {
    {"tls", SIP_TLS},
    {"tcp", SIP_TCP},
    {"udp", SIP_UDP},
    {NULL, 0},
};

const struct schema_choice schema_securities[] = {
    {"secured", SECURITY_SECURED},
    {"sip-secured", SECURITY_SIP_SECURED},
    {"unsecured", SECURITY_UNSECURED},
    {NULL, 0},
};

static const struct schema_choice media_sources[] = {
    {"address", MEDIA_SOURCE_ADDRESS},
    {"strict", MEDIA_SOURCE_STRICT},
    {"any", MEDIA_SOURCE_ANY},
    {NULL, 0},
};

static const struct schema_choice pracks[] = {
    {"supported", PRACK_SUPPORTED},
    {"off", PRACK_OFF},
    {"required", PRACK_REQUIRED},
    {NULL, 0},
};

static const struct schema_choice refers[] = {
    {"refuse", REFER_REFUSE},
    {"local", REFER_LOCAL},
    {NULL, 0},
};

static const struct schema_choice connection_reuses[] = {
    {"certificate", CONNECTION_REUSE_CERTIFICATE},
    {"alias", CONNECTION_REUSE_ALIAS},
    {"own", CONNECTION_REUSE_OWN},
    {NULL, 0},
};

static const struct schema_choice auth_identities[] = {
    {"user", AUTH_IDENTITY_USER},
    {"any", AUTH_IDENTITY_ANY},
    {NULL, 0},
};

static const struct schema_choice large_requests[] = {
    {"tcp", LARGE_REQUESTS_TCP},
    {"udp", LARGE_REQUESTS_UDP},
    {NULL, 0},
};

static const struct schema_choice redirects[] = {
    {"refuse", REDIRECT_REFUSE},
    {"follow", REDIRECT_FOLLOW},
    {NULL, 0},
};

static const struct schema_choice replaces_policies[] = {
    {"peer", REPLACES_PEER},
    {"dial-plan", REPLACES_DIAL_PLAN},
    {"off", REPLACES_OFF},
    {NULL, 0},
};

static const struct schema_choice captures[] = {
    {"off", CAPTURE_POLICY_OFF},
    {"wire", CAPTURE_POLICY_WIRE},
    {"decrypted", CAPTURE_POLICY_DECRYPTED},
    {NULL, 0},
};

static const struct schema_choice log_levels[] = {
    {"info", CONFIG_LOG_INFO},
    {"error", CONFIG_LOG_ERROR},
    {"warning", CONFIG_LOG_WARNING},
    {"debug", CONFIG_LOG_DEBUG},
    {NULL, 0},
};

#define TYPE struct config_tls
static const struct schema_key tls_keys[] = {
    STRING(name, SCHEMA_REQUIRED, syntax_name),
    STRING(certificate, SCHEMA_REQUIRED, syntax_path),
    STRING(private_key, SCHEMA_REQUIRED, syntax_path),
    STRING(trust, SCHEMA_REQUIRED, syntax_path),
    FLAG(tls13_only),
};
#undef TYPE
const struct schema schema_tls = {"tls profile", sizeof(struct config_tls), tls_keys,
				  COUNT(tls_keys)};

#define TYPE struct config_listener
static const struct schema_key listener_keys[] = {
    STRING(name, SCHEMA_REQUIRED, syntax_name),
    CHOICE(transport, SCHEMA_REQUIRED, schema_transports),
    STRING(address, SCHEMA_REQUIRED, syntax_address),
    {.name = "port", .type = SCHEMA_PORT, .offset = offsetof(TYPE, port)},
    REFERENCE(tls, SCHEMA_OPTIONAL, schema_tls),
    STRING(host, SCHEMA_OPTIONAL, syntax_host),
};
#undef TYPE
const struct schema schema_listener = {"listener", sizeof(struct config_listener), listener_keys,
				       COUNT(listener_keys)};

#define TYPE struct config_dial_plan
static const struct schema_key dial_plan_keys[] = {
    STRING(name, SCHEMA_REQUIRED, syntax_name),
    CHOICE(security, SCHEMA_REQUIRED, schema_securities),
    STRING(media_interface, SCHEMA_REQUIRED, syntax_interface),
    NUMBER(media_timeout_s, media_timeout_ms, 1, 3600, 1000, 30),
    NUMBER(silence_timeout_s, silence_timeout_ms, 0, 3600, 1000, 0),
    NUMBER(dscp, dscp, 0, 63, 1, CONFIG_DSCP_INTERFACE),
    NUMBER(key_lifetime, key_lifetime, 1000, 1000000000, 1, 0),
    CHOICE(media_source, SCHEMA_OPTIONAL, media_sources),
    {.name = "suites",
     .type = SCHEMA_SUITES,
     .offset = offsetof(TYPE, suites),
     .count_offset = offsetof(TYPE, suite_count),
     .max = CONFIG_SUITES_MAX},
    NUMBER(max_calls, max_calls, 0, 1000000, 1, 0),
    NUMBER(calls_per_s, calls_per_s, 0, 100000, 1, 0),
    NUMBER(max_call_s, max_call_s, 0, 604800, 1, 0),
    NUMBER(caller_max_calls, caller_max_calls, 0, 100000, 1, 0),
    NUMBER(caller_calls_per_minute, caller_calls_per_minute, 0, 100000, 1, 0),
    CHOICE(prack, SCHEMA_OPTIONAL, pracks),
    NUMBER(session_expires_s, session_expires_s, 0, 86400, 1, 1800),
    NUMBER(session_min_s, session_min_s, CONFIG_SESSION_MIN_S, 86400, 1, CONFIG_SESSION_MIN_S),
    CHOICE(refer, SCHEMA_OPTIONAL, refers),
    CHOICE(replaces, SCHEMA_OPTIONAL, replaces_policies),
    CHOICE(redirect, SCHEMA_OPTIONAL, redirects),
    CHOICE(capture, SCHEMA_OPTIONAL, captures),
    FLAG(allow_downgrade),
};
#undef TYPE
const struct schema schema_dial_plan = {"dial plan", sizeof(struct config_dial_plan),
					dial_plan_keys, COUNT(dial_plan_keys)};

#define TYPE struct config_peer
static const struct schema_key peer_keys[] = {
    STRING(name, SCHEMA_REQUIRED, syntax_name),
    STRING(fqdn, SCHEMA_OPTIONAL, syntax_fqdn),
    STRING(address, SCHEMA_OPTIONAL, syntax_address),
    STRING(network, SCHEMA_OPTIONAL, syntax_network),
    {.name = "port", .type = SCHEMA_PORT, .offset = offsetof(TYPE, port)},
    CHOICE(transport, SCHEMA_REQUIRED, schema_transports),
    REFERENCE(dial_plan, SCHEMA_REQUIRED, schema_dial_plan),
    REFERENCE(listener, SCHEMA_OPTIONAL, schema_listener),
    FLAG(trust),
    STRING(asserted_identity, SCHEMA_OPTIONAL, syntax_user),
    REFERENCE(codecs, SCHEMA_OPTIONAL, schema_codecs),
    STRING(auth_user, SCHEMA_OPTIONAL, syntax_auth_user),
    STRING(auth_password_file, SCHEMA_OPTIONAL, syntax_path),
    STRING(auth_users_file, SCHEMA_OPTIONAL, syntax_path),
    STRING(auth_realm, SCHEMA_OPTIONAL, syntax_realm),
    CHOICE(auth_identity, SCHEMA_OPTIONAL, auth_identities),
    CHOICE(connection_reuse, SCHEMA_OPTIONAL, connection_reuses),
    CHOICE(large_requests, SCHEMA_OPTIONAL, large_requests),
    NUMBER(keepalive_s, keepalive_ms, 0, 3600, 1000, 120),
    REFERENCE(registrar, SCHEMA_OPTIONAL, schema_peer),
    NUMBER(phone_expires_s, phone_expires_s, 0, 86400, 1, 0),
    NUMBER(max_registrations, max_registrations, 0, 1000000, 1, 0),
    NUMBER(max_calls, max_calls, 0, 1000000, 1, 0),
    NUMBER(max_calls_in, max_calls_in, 0, 1000000, 1, 0),
    NUMBER(max_calls_out, max_calls_out, 0, 1000000, 1, 0),
    NUMBER(calls_per_s_in, calls_per_s_in, 0, 100000, 1, 0),
    NUMBER(calls_per_s_out, calls_per_s_out, 0, 100000, 1, 0),
    FLAG(wildcard),
    FLAG(server_auth_only),
    NUMBER(watch_s, watch_ms, 0, 3600, 1000, 0),
    NUMBER(watch_down, watch_down, 1, 10, 1, 2),
    NUMBER(watch_up, watch_up, 1, 10, 1, 2),
    REFERENCE(called_in, SCHEMA_OPTIONAL, schema_translation),
    REFERENCE(caller_in, SCHEMA_OPTIONAL, schema_translation),
    REFERENCE(called_out, SCHEMA_OPTIONAL, schema_translation),
    REFERENCE(caller_out, SCHEMA_OPTIONAL, schema_translation),
};
#undef TYPE
const struct schema schema_peer = {"peer", sizeof(struct config_peer), peer_keys, COUNT(peer_keys)};

#define TYPE struct config_registration
static const struct schema_key registration_keys[] = {
    STRING(name, SCHEMA_REQUIRED, syntax_name),
    REFERENCE(peer, SCHEMA_REQUIRED, schema_peer),
    STRING(aor, SCHEMA_REQUIRED, syntax_aor),
    STRING(contact_user, SCHEMA_OPTIONAL, syntax_user),
    NUMBER(expires_s, expires_s, 60, 86400, 1, 3600),
};
#undef TYPE
const struct schema schema_registration = {"registration", sizeof(struct config_registration),
					   registration_keys, COUNT(registration_keys)};

#define TYPE struct config_interface
static const struct schema_key interface_keys[] = {
    STRING(name, SCHEMA_REQUIRED, syntax_interface),
    NUMBER(max_calls, max_calls, 0, 1000000, 1, 0),
    NUMBER(calls_per_s, calls_per_s, 0, 100000, 1, 0),
};
#undef TYPE
const struct schema schema_interface = {"interface", sizeof(struct config_interface),
					interface_keys, COUNT(interface_keys)};

#define TYPE struct config_number_limit
static const struct schema_key number_limit_keys[] = {
    STRING(name, SCHEMA_REQUIRED, syntax_name),
    STRING(number, SCHEMA_REQUIRED, syntax_pattern),
    REFERENCE(from, SCHEMA_OPTIONAL, schema_peer),
    NUMBER(max_calls, max_calls, 0, 1000000, 1, 0),
    NUMBER(calls_per_minute, calls_per_minute, 0, 1000000, 1, 0),
    NUMBER(max_call_s, max_call_s, 0, 604800, 1, 0),
};
#undef TYPE
const struct schema schema_number_limit = {"number limit", sizeof(struct config_number_limit),
					   number_limit_keys, COUNT(number_limit_keys)};

#define TYPE struct config_emergency
static const struct schema_key emergency_keys[] = {
    STRING(number, SCHEMA_REQUIRED, syntax_pattern),
};
#undef TYPE
const struct schema schema_emergency = {"emergency number", sizeof(struct config_emergency),
					emergency_keys, COUNT(emergency_keys)};

#define TYPE struct config
static const struct schema_key config_keys[] = {
    STRING_OR(user, "sluice", syntax_name),
    STRING_OR(media_socket, "/run/sluice/media.sock", syntax_socket),
    STRING_OR(control_socket, "/run/sluice/control.sock", syntax_socket),
    STRING(control_group, SCHEMA_OPTIONAL, syntax_name),
    NUMBER(max_calls, max_calls, 1, 1000000, 1, 10000),
    NUMBER(max_registrations, max_registrations, 1, 1000000, 1, 10000),
    NUMBER(calls_per_s, calls_per_s, 0, 100000, 1, 0),
    NUMBER(overload_enter_ms, overload_enter_ms, 10, 10000, 1, 50),
    NUMBER(overload_leave_ms, overload_leave_ms, 1, 5000, 1, 10),
    NUMBER(overload_retry_after_s, overload_retry_s, 1, 3600, 1, 3),
    NUMBER(max_memory_mib, max_memory_mib, 0, 1048576, 1, 0),
    NUMBER(udp_receive_kib, udp_receive_kib, 0, 1048576, 1, 4096),
    NUMBER(connection_idle_s, connection_idle_s, 30, 604800, 1, 3600),
    NUMBER(source_messages_per_s, source_messages_per_s, 0, 100000, 1, 200),
    NUMBER(drain_status, drain_status, 400, 699, 1, 503),
    CHOICE(log_level, SCHEMA_OPTIONAL, log_levels),
    NUMBER(stop_drain_s, stop_drain_s, 0, 86400, 1, 0),
    STRING(record_file, SCHEMA_OPTIONAL, syntax_path),
    NUMBER(record_file_mib, record_file_mib, 1, 1048576, 1, 64),
    NUMBER(record_file_hours, record_file_hours, 0, 8760, 1, 24),
    NUMBER(record_files, record_files, 0, 100000, 1, 30),
    LIST(tls, SCHEMA_OPTIONAL, schema_tls, tls_count, 64),
    LIST(listeners, SCHEMA_REQUIRED, schema_listener, listener_count, 64),
    LIST(dial_plans, SCHEMA_REQUIRED, schema_dial_plan, dial_plan_count, 1000),
    LIST(peers, SCHEMA_REQUIRED, schema_peer, peer_count, 100000),
    LIST(schedules, SCHEMA_OPTIONAL, schema_schedule, schedule_count, 1000),
    LIST(translations, SCHEMA_OPTIONAL, schema_translation, translation_count, 1000),
    LIST(routes, SCHEMA_OPTIONAL, schema_route, route_count, 100000),
    LIST(registrations, SCHEMA_OPTIONAL, schema_registration, registration_count, 10000),
    LIST(codecs, SCHEMA_OPTIONAL, schema_codecs, codecs_count, 1000),
    LIST(header_rules, SCHEMA_OPTIONAL, schema_header_rule, header_rule_count, 10000),
    LIST(interfaces, SCHEMA_OPTIONAL, schema_interface, interface_count, 64),
    LIST(number_limits, SCHEMA_OPTIONAL, schema_number_limit, number_limit_count, 1000),
    LIST(emergency, SCHEMA_OPTIONAL, schema_emergency, emergency_count, 100),
};
#undef TYPE
const struct schema schema_config = {"configuration", sizeof(struct config), config_keys,
				     COUNT(config_keys)};

static_assert(COUNT(config_keys) <= SCHEMA_KEYS_MAX, "room to note which keys were seen");
static_assert(COUNT(peer_keys) <= SCHEMA_KEYS_MAX, "room to note which keys were seen");
static_assert(offsetof(struct config_tls, name) == 0, "references look for the name there");
static_assert(offsetof(struct config_listener, name) == 0, "references look for the name there");
static_assert(offsetof(struct config_dial_plan, name) == 0, "references look for the name there");
static_assert(offsetof(struct config_peer, name) == 0, "references look for the name there");
static_assert(offsetof(struct config_interface, name) == 0, "resolve.c looks for the name there");
static_assert(offsetof(struct config_number_limit, name) == 0,
	      "resolve.c looks for the name there");
static_assert(offsetof(struct config_route, name) == 0, "references look for the name there");
static_assert(offsetof(struct config_registration, name) == 0, "labels look for the name there");

const struct schema_key *schema_list_of(const struct schema *item)
{
	for (unsigned i = 0; i < COUNT(config_keys); i++)
		if (config_keys[i].type == SCHEMA_LIST && config_keys[i].item == item)
			return &config_keys[i];
	return NULL;
}

static void clear_texts(const struct schema_key *key, void *object)
{
	char ***texts = (char ***)((char *)object + key->offset);
	unsigned count = *(unsigned *)((char *)object + key->count_offset);

	for (unsigned i = 0; i < count && *texts; i++)
		free((*texts)[i]);
	free(*texts);
	*texts = NULL;
}

static void clear_list(const struct schema_key *key, void *object)
{
	char **list = (char **)((char *)object + key->offset);
	unsigned count = *(unsigned *)((char *)object + key->count_offset);

	for (unsigned i = 0; i < count && *list; i++)
		schema_clear(key->item, *list + i * key->item->size);
	free(*list);
	*list = NULL;
}

void schema_clear(const struct schema *schema, void *object)
{
	for (unsigned i = 0; i < schema->count; i++) {
		const struct schema_key *key = &schema->keys[i];

		if (key->type == SCHEMA_LIST) {
			clear_list(key, object);
		} else if (key->type == SCHEMA_TEXTS) {
			clear_texts(key, object);
		} else if (key->type == SCHEMA_STRING) {
			char **text = (char **)((char *)object + key->offset);

			free(*text);
			*text = NULL;
		}
	}
}

static const char *choice_name(const struct schema_choice *choices, unsigned value)
{
	for (; choices->name; choices++)
		if (choices->value == value)
			return choices->name;
	return "?";
}

const char *security_mode_name(enum security_mode mode)
{
	return choice_name(schema_securities, mode);
}

const char *sip_transport_name(enum sip_transport transport)
{
	return choice_name(schema_transports, transport);
}

const char *capture_policy_name(enum capture_policy policy)
{
	return choice_name(captures, policy);
}
