/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration of the control plane, read from YAML: a schema (policy/schema.c, data) and then
 * checks of meaning (policy/check*.c). All errors are reported at once, each with file, line, the
 * value, and what is allowed. A configuration is immutable once read, so any thread may read it;
 * config_load() and config_free() belong to one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "header/rule.h"
#include "policy/config_route.h"
#include "sdp/filter.h"
#include "sdp/sdes.h"
#include "sip/flow.h"

/* R1, R17: what a dial plan demands of signalling and media. */
enum security_mode {
	SECURITY_UNSECURED,   /* TCP or UDP, RTP */
	SECURITY_SIP_SECURED, /* TLS, RTP */
	SECURITY_SECURED,     /* TLS, SRTP required */
};

#define CONFIG_SUITES_MAX 8U

/* From where media of a leg may come (R23, R28); how it is done is the media API's enum
 * sluice_latch. */
enum media_source {
	MEDIA_SOURCE_ADDRESS, /* the address in the SDP, any port: latched by the first packet */
	MEDIA_SOURCE_STRICT,  /* the address and port in the SDP only */
	MEDIA_SOURCE_ANY,     /* anywhere, latched by the first packet, of SRTP the first authentic
				 one: for peers behind NAT */
};

/* Reliable provisional responses (RFC 3262) with the peers of a dial plan, on their leg. */
enum prack_policy {
	PRACK_SUPPORTED, /* with those who can */
	PRACK_OFF,
	PRACK_REQUIRED, /* who cannot is refused with 421 */
};

/* What becomes of a REFER in a call (RFC 3515). */
enum refer_policy {
	REFER_REFUSE, /* 403 */
	REFER_LOCAL,  /* the relay calls the target itself, if a route of the referring peer allows
			 it */
};

/* What becomes of a 3xx of the called side. */
enum redirect_policy {
	REDIRECT_REFUSE, /* the caller gets 480, or the next target is called */
	REDIRECT_FOLLOW, /* its Contacts are called, as the caller's routes say */
};

/* Whose dialogs an INVITE with Replaces (RFC 3891) may replace. */
enum replaces_policy {
	REPLACES_PEER,      /* its sender's own */
	REPLACES_DIAL_PLAN, /* those of all peers with the sender's dial plan */
	REPLACES_OFF,       /* nobody's: not supported */
};

#define CONFIG_SESSION_MIN_S 90U /* RFC 4028 5: no interval below */

/* What may be captured of a leg's media; the numbers are those of enum sluice_capture_mode. */
enum capture_policy {
	CAPTURE_POLICY_OFF,
	CAPTURE_POLICY_WIRE,      /* packets as they are on the wire */
	CAPTURE_POLICY_DECRYPTED, /* these, or with SRTP decrypted */
};

struct users;

/* Lines above are not written. */
enum config_log_level {
	CONFIG_LOG_INFO,
	CONFIG_LOG_ERROR,
	CONFIG_LOG_WARNING,
	CONFIG_LOG_DEBUG,
};

struct config_tls {
	char *name;
	char *certificate; /* PEM file, chain */
	char *private_key; /* PEM file, mode 0600 */
	char *trust;       /* PEM file of trust anchors */
	bool tls13_only;
};

struct config_listener {
	char *name;
	enum sip_transport transport;
	char *address; /* IPv4 or IPv6, in its canonical spelling */
	uint16_t port; /* default 5060, TLS 5061 */
	struct sockaddr_storage socket_address;
	const struct config_tls *tls; /* TLS only */
	char *host; /* what Via, Contact and From of ours say: FQDN or address; default: address */
};

#define CONFIG_DSCP_INTERFACE 64U /* that of the data plane's interface */

/* Limits of an interface of the data plane, for all dial plans that use it. */
struct config_interface {
	char *name;
	unsigned max_calls;   /* at once; 0: no limit, here and in all limits */
	unsigned calls_per_s; /* on average, and at once after a pause */
	unsigned slot;        /* see struct config_slots */
};

struct config_dial_plan {
	char *name;
	enum security_mode security;
	char *media_interface;       /* of the data plane */
	unsigned media_timeout_ms;   /* default 30000; 0 is not allowed */
	unsigned silence_timeout_ms; /* default 0: off */
	unsigned dscp;               /* default CONFIG_DSCP_INTERFACE */
	unsigned key_lifetime; /* packets of an SRTP key of ours; 0: as many as its suite allows */
	enum media_source media_source;            /* default MEDIA_SOURCE_ADDRESS */
	enum sdes_suite suites[CONFIG_SUITES_MAX]; /* allowed, in order; default _80, _32; none
						       unless security is secured */
	unsigned suite_count;
	const struct config_interface *interface; /* of media_interface; NULL: without limits */
	unsigned max_calls;                       /* concurrent; 0: no limit */
	unsigned calls_per_s;
	unsigned max_call_s;                                /* a call that lasts longer is ended */
	unsigned caller_max_calls, caller_calls_per_minute; /* of one caller number of a peer */
	unsigned slot;
	enum prack_policy prack;
	unsigned session_expires_s; /* RFC 4028, of our requests; default 1800; 0: no session timer
				       unless the peer asks */
	unsigned session_min_s;     /* the least that a peer may ask for; default 90 */
	enum refer_policy refer;
	enum replaces_policy replaces;
	enum redirect_policy redirect;
	enum capture_policy capture; /* default CAPTURE_POLICY_OFF */
	bool allow_downgrade;        /* a secured leg may be joined to a leg that is less secure */
	struct header_rules header_rules; /* before those of the peer */
};

/* Whether requests to a TLS peer may go on a connection that it made (RFC 5923). */
enum connection_reuse {
	CONNECTION_REUSE_CERTIFICATE, /* on each whose certificate is the peer's */
	CONNECTION_REUSE_ALIAS,       /* where it asked for that by "alias" in its Via, too */
	CONNECTION_REUSE_OWN,         /* never: only on those that we made */
};

/* How a request that is too large for a datagram goes to a UDP peer (RFC 3261 18.1.1). */
enum large_requests {
	LARGE_REQUESTS_TCP, /* by TCP to the same address; by UDP when that is refused */
	LARGE_REQUESTS_UDP, /* in fragments */
};

/* Who a user with right credentials may say that it is (b2bua/claim.h). */
enum auth_identity {
	AUTH_IDENTITY_USER, /* itself, and whom the file of users allows */
	AUTH_IDENTITY_ANY,  /* anybody: a PBX that vouches for its users */
};

struct config_peer {
	char *name;
	char *fqdn; /* identity in its certificate (TLS; then never NULL), and where it is called */
	char *address; /* where it is, canonical; NULL (TLS only): by DNS. For TCP and UDP also how
			  it is known: unique among these */
	char *network; /* TCP and UDP, instead of address: who calls from there; "192.0.2.0/24",
			  canonical and unique. Such a peer is called only where it registered */
	struct sockaddr_storage network_address; /* its first; family AF_UNSPEC: none */
	unsigned network_bits;
	uint16_t port;
	bool port_by_dns; /* neither address nor port was given: RFC 3263 decides; port is the
			     default then */
	enum sip_transport transport;
	const struct config_dial_plan *dial_plan;
	const struct config_listener *listener; /* that we call it from: same transport; default:
						   the first that fits */
	enum connection_reuse connection_reuse;
	enum large_requests large_requests;
	unsigned keepalive_ms; /* of CRLFs on connections that dialogs need; 0: none */
	bool trust;            /* of our trust domain (RFC 3324): its asserted identities count and
				  it is told those of others */
	char *asserted_identity; /* user part that we assert of callers of a peer without trust
				    (RFC 3325 5); NULL: none */
	char *auth_user; /* of ours, where the peer asks for digest (RFC 3261 22); NULL: none */
	char *auth_password_file; /* mode 0600, one line */
	char *auth_password;      /* config_secrets_load(); NULL: not loaded, or none */
	char *auth_users_file;    /* mode 0600: requests must show digest credentials of one of
				     these (policy/users.h); NULL: none are asked for */
	enum auth_identity auth_identity;
	char *auth_realm;         /* of these; default: what the listener says that it is */
	struct users *auth_users; /* config_secrets_load(); NULL: not loaded, or none */
	unsigned max_calls;       /* both directions together */
	unsigned max_calls_in, max_calls_out; /* from it, to it */
	unsigned calls_per_s_in, calls_per_s_out;
	unsigned slot;
	const struct config_peer *registrar; /* REGISTER of this peer's phones goes there; NULL:
						refused */
	unsigned phone_expires_s;   /* the most that they are told; 0: what the registrar grants.
				       Default 60 over UDP, else 0 */
	unsigned max_registrations; /* bindings of this peer; 0: no limit of its own */
	bool wildcard;              /* accept a wildcard certificate (RFC 5922 says no) */
	bool server_auth_only;      /* accept a client certificate without clientAuth */
	unsigned watch_ms; /* how often it is asked by OPTIONS whether it serves; 0: never */
	unsigned watch_down,
	    watch_up; /* failures, answers in a row that change what is held of it */
	/* of numbers that it sends us, and that we send it; NULL: they stay */
	const struct config_translation *called_in, *caller_in, *called_out, *caller_out;
	struct header_rules header_rules;
	const struct config_codecs *codecs; /* NULL: whatever the two sides agree on */
};

struct config_codecs { /* a profile that peers refer to */
	char *name;
	struct sdp_filter filter;
};

struct config_header_rule { /* in order; one of peer and dial_plan */
	char *name;
	const struct config_peer *peer;
	const struct config_dial_plan *dial_plan;
	struct header_rule rule;
};

struct config_registration { /* the relay registers at a peer (RFC 3261 10.2) */
	char *name;
	const struct config_peer *peer;
	char *aor;          /* "sip:user@domain" */
	char *contact_user; /* of our contact; NULL: that of the AOR */
	unsigned expires_s; /* that is asked for */
};

/* Limits of the calls to some numbers (toll fraud); the first that fits counts. */
struct config_number_limit {
	char *name;
	char *number;                   /* pattern, as of a route */
	const struct config_peer *from; /* NULL: any peer */
	unsigned max_calls, calls_per_minute;
	unsigned max_call_s;
	unsigned slot;
};

struct config_emergency {
	char *number; /* pattern of a number whose calls pass all limits */
};

/*
 * The highest slot given of each kind. What has a slot is counted by it; it keeps it through all
 * versions of the configuration that have something of its name, and no other gets it. From 1; 0:
 * config_number() was not called.
 */
struct config_slots {
	unsigned peers, dial_plans, interfaces, number_limits;
};

struct config {
	char *path;
	struct config_slots slots;
	char *user; /* to become when started as root; default "sluice" */
	char *media_socket;
	char *control_socket;
	char *control_group; /* group that may use the control socket; NULL: root and user only */
	unsigned max_calls;  /* default 10000 */
	unsigned max_registrations;                    /* of phones, in all; default 10000 */
	unsigned calls_per_s;                          /* new ones, of all peers */
	unsigned overload_enter_ms, overload_leave_ms; /* of the loop's delay */
	unsigned overload_retry_s; /* Retry-After of what is refused then: this to twice this */
	unsigned max_memory_mib;   /* of the process' heap; 0: what should do, see main/measure.c */
	unsigned udp_receive_kib;  /* of each UDP listener's socket; 0: the kernel's default */
	unsigned connection_idle_s;     /* without a message or a dialog: closed */
	unsigned source_messages_per_s; /* where a peer is a network; 0: no limit */
	unsigned drain_status; /* of INVITEs that come while calls are drained; default 503 */
	enum config_log_level log_level;
	unsigned stop_drain_s; /* that SIGTERM gives calls to end by themselves; default 0 */
	char *record_file;     /* call records; NULL: none */
	unsigned record_file_mib, record_file_hours, record_files; /* rotation; see the manual */
	unsigned tls_count, listener_count, dial_plan_count, peer_count, registration_count;
	unsigned schedule_count, translation_count, route_count;
	struct config_tls *tls;
	struct config_listener *listeners;
	struct config_dial_plan *dial_plans;
	struct config_peer *peers;
	struct config_schedule *schedules;
	struct config_translation *translations;
	struct config_route *routes;
	struct config_registration *registrations;
	unsigned codecs_count;
	struct config_codecs *codecs;
	unsigned header_rule_count;
	struct config_header_rule *header_rules;
	const struct header_rule **header_rule_index; /* by owner: what header_rules of these point
							 into */
	unsigned warning_count; /* what is allowed, but should be known: "FILE:LINE: text" */
	char **warnings;
	struct routing *routing; /* the index of routes; routing_compile() */
	unsigned interface_count, number_limit_count, emergency_count;
	struct config_interface *interfaces;
	struct config_number_limit *number_limits;
	struct config_emergency *emergency;
};

#define CONFIG_PATH "/etc/sluice/sluice-controlplane.yaml" /* the default */
#define CONFIG_FILE_MAX (16U << 20)                        /* bytes */
#define CONFIG_ERRORS_MAX 200U /* reported one by one; the rest as a number */

/*
 * Reads and checks path. On errors returns NULL, and report is called once an error, in the order
 * of the file: "FILE:LINE: what was wrong, the value; what is allowed". Else returns the
 * configuration, the caller's, and report is not called. Opens the files that it names only to see
 * that they are there; the private key not at all.
 */
struct config *config_load(const char *path, void (*report)(void *user, const char *text),
			   void *user);
void config_free(struct config *config); /* NULL is fine */

/*
 * Reads the passwords and users that config names, while the process may still do so. Returns 0, or
 * -EINVAL with error filled. config_free() wipes them.
 */
int config_secrets_load(struct config *config, char *error, size_t size);

/* Gives slots to a configuration that has none before it; config_load() has done it. */
void config_number(struct config *config);
/* next comes after old: what has the same name has the same slot. 0 or -ENOMEM. */
int config_succeed(struct config *next, const struct config *old);
/* Whether both are the same peer, perhaps of two versions. */
bool config_peer_same(const struct config_peer *a, const struct config_peer *b);

const char *security_mode_name(enum security_mode mode);      /* "sip-secured" */
const char *sip_transport_name(enum sip_transport transport); /* "tls" */
const char *capture_policy_name(enum capture_policy policy);  /* "decrypted" */
