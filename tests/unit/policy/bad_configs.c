/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bad_configs.h"

/* as in schema_config */
#define TOP_KEYS                                                                              \
	"user, media_socket, control_socket, control_group, max_calls, max_registrations, "   \
	"calls_per_s, "                                                                       \
	"overload_enter_ms, overload_leave_ms, overload_retry_after_s, max_memory_mib, "      \
	"udp_receive_kib, connection_idle_s, source_messages_per_s, "                         \
	"drain_status, log_level, stop_drain_s, "                                             \
	"record_file, record_file_mib, record_file_hours, record_files, "                     \
	"tls, listeners, dial_plans, peers, schedules, translations, routes, registrations, " \
	"codecs, header_rules, interfaces, "                                                  \
	"number_limits, "                                                                     \
	"emergency"

const struct bad_config bad_configs[] = {
    {1, "tls: [{name: t, certificate: $D/nope.pem, private_key: $D/k.pem, trust: $D/a.pem}]",
     "1: tls profile t: certificate: \"$D/nope.pem\": No such file or directory; must be a PEM "
     "file\n"},
    {1, "tls: [{name: t, certificate: $D/c.pem, private_key: $D/open.pem, trust: $D/a.pem}]",
     "1: tls profile t: private_key: \"$D/open.pem\" has mode 0640, others may use the key; must "
     "be 0600 (chmod 0600 FILE)\n"},
    {1, "tls: [{name: t, certificate: $D, private_key: $D/k.pem, trust: $D/empty.pem}]",
     "1: tls profile t: certificate: \"$D\": not a regular file; must be a PEM file\n"
     "1: tls profile t: trust: \"$D/empty.pem\": empty; must be a PEM file\n"},
    {1, "tls: [{name: t, certificate: c.pem, private_key: $D/k.pem}]",
     "1: tls profile t: certificate: \"c.pem\" must be an absolute path of at most 1024 bytes\n"
     "1: tls profile t: trust is missing; it is required\n"},
    {1,
     "tls: [{name: t, certificate: $D/c.pem, private_key: $D/k.pem, trust: $D/a.pem, tls13_only: "
     "yes}]",
     "1: tls profile t: tls13_only: \"yes\" must be true or false\n"},
    {1, "tls:", "3: listener tls: tls: there is no tls profile \"t\"; none is configured\n"},
    {2, "max_calls: 010\nlisteners:",
     "2: max_calls: \"010\" must be a whole number from 1 to 1000000\n"},
    {2, "max_calls: -1\nlisteners:",
     "2: max_calls: \"-1\" must be a whole number from 1 to 1000000\n"},
    {2, "max_calls: 1000001\nlisteners:",
     "2: max_calls: \"1000001\" must be a whole number from 1 to 1000000\n"},
    {2, "max_calls: [1]\nlisteners:",
     "2: max_calls: a list must be a whole number from 1 to 1000000\n"},
    {2, "record_file: calls\nlisteners:",
     "2: record_file: \"calls\" must be an absolute path of at most 1024 bytes\n"},
    {2, "record_file_mib: 0\nlisteners:",
     "2: record_file_mib: \"0\" must be a whole number from 1 to 1048576\n"},
    {2, "interfaces: [{name: lan, max_calls: 5}]\nlisteners:",
     "2: interface lan: name: no dial plan has \"lan\" as its media_interface; must be one that is "
     "used\n"},
    {2, "number_limits: [{name: a, number: 00*}]\nlisteners:",
     "2: number limit a: limits nothing; must have max_calls, calls_per_minute or max_call_s\n"},
    {2, "number_limits: [{name: a, number: 00*, from: nobody, max_calls: 1}]\nlisteners:",
     "2: number limit a: from: there is no peer \"nobody\"; must be one of alice, bob\n"},
    {2, "overload_leave_ms: 80\noverload_enter_ms: 80\nlisteners:",
     "2: overload_leave_ms: 80; must be below overload_enter_ms, which is 80\n"},
    {2, "overload_leave_ms: 60\nlisteners:",
     "2: overload_leave_ms: 60; must be below overload_enter_ms, which is 50\n"},
    {2, "overload_enter_ms: 9\nlisteners:",
     "2: overload_enter_ms: \"9\" must be a whole number from 10 to 10000\n"},
    {2, "emergency: [{number: \"1 2\"}]\nlisteners:",
     "2: emergency number 1: number: \"1 2\" must be 1 to 128 characters of a number or name, "
     "'?' for any one, [2-9] for one of these, '*' only at the end for any rest\n"},
    {2, "max_call: 1\nlisteners:", "2: unknown key \"max_call\"; must be one of " TOP_KEYS "\n"},
    {2, "max_calls: 1\nmax_calls: 2\nlisteners:",
     "3: max_calls is already given at line 2; once is enough\n"},
    {2, "[a]: 1\nlisteners:", "2: unknown key (not text); must be one of " TOP_KEYS "\n"},
    {2,
     "user:\nlisteners:", "2: user: \"\" must be text, not empty and without control characters\n"},
    {2, "user: \"a\\0b\"\nlisteners:",
     "2: user: \"a\" must be text, not empty and without control characters\n"},
    {2, "media_socket: /run/sluice/control.sock\nlisteners:",
     "2: media_socket and control_socket are both \"/run/sluice/control.sock\"; must be two "
     "paths\n"},
    {2, "control_socket: run/control.sock\nlisteners:",
     "2: control_socket: \"run/control.sock\" must be an absolute path of at most 107 bytes (a "
     "unix socket)\n"},
    {3, "- {name: tls, transport: tls, address: 10.0.0.1, host: relay.example.com}",
     "3: listener tls: tls is missing; transport tls needs the name of a tls profile\n"},
    {3, "- {name: tls, transport: dtls, address: 10.0.0.1, tls: t}",
     "3: listener tls: transport: \"dtls\" must be one of tls, tcp, udp\n"},
    {3, "- {name: tls, transport: tls, address: 10.0.0.1, tls: u}",
     "3: listener tls: tls: there is no tls profile \"u\"; must be one of t\n"},
    {3, "- {name: tls, transport: tls, address: 0.0.0.0, tls: t}",
     "3: listener tls: host is missing; an address of \"0.0.0.0\" needs one that peers can "
     "reach\n"},
    {3, "- {name: tls, transport: tls, address: relay.example.com, port: 0, tls: t}",
     "3: listener tls: address: \"relay.example.com\" must be an IPv4 or IPv6 address, unicast and "
     "not link-local, such as 192.0.2.1 or 2001:db8::1\n"
     "3: listener tls: port: \"0\" must be a whole number from 1 to 65535\n"},
    {3, "- {name: tls, transport: tls, address: 10.0.0.1, port: 65536, tls: t, host: 0.0.0.0}",
     "3: listener tls: port: \"65536\" must be a whole number from 1 to 65535\n"
     "3: listener tls: host: \"0.0.0.0\" must be a domain name or address that peers can reach, "
     "such as relay.example.com\n"},
    {3, "- {name: tls, transport: tls, address: 10.0.0.1, port: 5060, tls: t}",
     "4: listener tcp: address: \"10.0.0.1\" port 5060 is already that of line 3; must be another "
     "address or port\n"},
    {3, "- {name: tcp, transport: tls, address: 10.0.0.1, tls: t}",
     "4: listener tcp: name: \"tcp\" is already used at line 3; each needs a name of its own\n"},
    {4, "- {name: tcp, transport: tcp, address: 10.0.0.1, tls: t}",
     "4: listener tcp: tls: transport tcp uses no certificate; must be left out, or transport must "
     "be tls\n"},
    {4, "- {name: tcp, transport: tcp, address: \"::1\"}",
     "10: peer bob: no listener has transport tcp and its address family; add one under "
     "listeners\n"},
    {4,
     "- {name: tcp, transport: udp, address: 10.0.0.1}\n- {name: t2, transport: tcp, address: "
     "0.0.0.0, port: 5061, host: a.b}",
     "5: listener t2: address: \"0.0.0.0\" port 5061 is already that of line 3; must be another "
     "address or port\n"},
    {4, "- {transport: tcp, address: 10.0.0.1}",
     "4: listener 2: name is missing; it is required\n"},
    {4, "- 10.0.0.1", "4: listener 2: not a mapping; must be KEY: VALUE lines\n"},
    {6, "- {name: sec, security: secure, media_interface: voice}",
     "6: dial plan sec: security: \"secure\" must be one of secured, sip-secured, unsecured\n"},
    {6,
     "- {name: sec, security: sip-secured, media_interface: voice, suites: "
     "[AES_CM_128_HMAC_SHA1_80]}",
     "6: dial plan sec: suites: security sip-secured has no SRTP; must be left out, or security "
     "must be secured\n"},
    {6,
     "- {name: sec, security: secured, media_interface: voice, suites: [AES_CM_128_HMAC_SHA1_80, "
     "F8_128_HMAC_SHA1_80, AEAD_AES_192_GCM]}",
     "6: dial plan sec: suites: \"F8_128_HMAC_SHA1_80\" must be one of AES_CM_128_HMAC_SHA1_80, "
     "AES_CM_128_HMAC_SHA1_32, AES_192_CM_HMAC_SHA1_80, AES_192_CM_HMAC_SHA1_32, "
     "AES_256_CM_HMAC_SHA1_80, AES_256_CM_HMAC_SHA1_32, AEAD_AES_128_GCM, AEAD_AES_256_GCM\n"
     "6: dial plan sec: suites: \"AEAD_AES_192_GCM\" must be one of AES_CM_128_HMAC_SHA1_80, "
     "AES_CM_128_HMAC_SHA1_32, AES_192_CM_HMAC_SHA1_80, AES_192_CM_HMAC_SHA1_32, "
     "AES_256_CM_HMAC_SHA1_80, AES_256_CM_HMAC_SHA1_32, AEAD_AES_128_GCM, AEAD_AES_256_GCM\n"},
    {6, "- {name: sec, security: secured, media_interface: voice, suites: []}",
     "6: dial plan sec: suites: an empty list must be a list of suites, the preferred one first\n"},
    {6,
     "- {name: sec, security: secured, media_interface: voice, suites: [AES_CM_128_HMAC_SHA1_80, "
     "AES_CM_128_HMAC_SHA1_80]}",
     "6: dial plan sec: suites: \"AES_CM_128_HMAC_SHA1_80\" is in the list twice; once is "
     "enough\n"},
    {6,
     "- {name: sec, security: secured, media_interface: voice-of-the-relay, media_timeout_s: 0, "
     "dscp: 64, key_lifetime: 999}",
     "6: dial plan sec: media_interface: \"voice-of-the-relay\" must be the name of a media "
     "interface of the data plane: 1 to 15 letters, digits, dots, underscores or hyphens\n"
     "6: dial plan sec: media_timeout_s: \"0\" must be a whole number from 1 to 3600\n"
     "6: dial plan sec: dscp: \"64\" must be a whole number from 0 to 63\n"
     "6: dial plan sec: key_lifetime: \"999\" must be a whole number from 1000 to 1000000000\n"},
    {7, "- {name: clear, security: unsecured, media_interface: voice, key_lifetime: 5000}",
     "7: dial plan clear: key_lifetime: security unsecured has no SRTP; must be left out, or "
     "security must be secured\n"},
    {6, "- {name: sec, security: unsecured, media_interface: voice}",
     "9: peer alice: transport: tls does not suit dial plan sec, whose security is unsecured; must "
     "be tcp or udp\n"},
    {6, "- {name: SEC, security: secured, media_interface: voice}",
     "9: peer alice: dial_plan: there is no dial plan \"sec\"; must be one of clear, SEC\n"},
    {7,
     "- {name: clear, security: unsecured, media_interface: voice, session_expires_s: 300, "
     "session_min_s: 600}",
     "7: dial plan clear: session_expires_s: 300 is less than session_min_s, 600; must be 0 or at "
     "least that\n"},
    {7,
     "- {name: clear, security: unsecured, media_interface: voice, session_min_s: 89, prack: "
     "maybe, refer: yes}",
     "7: dial plan clear: prack: \"maybe\" must be one of supported, off, required\n"
     "7: dial plan clear: session_min_s: \"89\" must be a whole number from 90 to 86400\n"
     "7: dial plan clear: refer: \"yes\" must be one of refuse, local\n"},
    {7, "- {name: clear, security: unsecured, media_interface: voice, allow_downgrade: true}",
     "7: dial plan clear: allow_downgrade: nothing is less secure than security unsecured; must be "
     "left out\n"},
    {7, "- {name: clear, security: secured, media_interface: voice}",
     "10: peer bob: transport: tcp does not suit dial plan clear, whose security is secured; must "
     "be tls\n"},
    {7, "- {name: sec, security: unsecured, media_interface: voice}",
     "7: dial plan sec: name: \"sec\" is already used at line 6; each needs a name of its own\n"
     "9: peer alice: transport: tls does not suit dial plan sec, whose security is unsecured; must "
     "be tcp or udp\n"
     "10: peer bob: dial_plan: there is no dial plan \"clear\"; must be one of sec, sec\n"},
    {9, "- {name: alice, transport: tls, dial_plan: sec}",
     "9: peer alice: fqdn is missing; a tls peer is known by the name in its certificate\n"},
    {9, "- {name: alice, fqdn: alice, transport: tls, dial_plan: sec}",
     "9: peer alice: fqdn: \"alice\" must be a fully qualified domain name, such as "
     "relay.example.com\n"},
    {9, "- {name: alice, fqdn: alice.example.com, transport: tls, dial_plan: clear}",
     "9: peer alice: transport: tls does not suit dial plan clear, whose security is unsecured; "
     "must be tcp or udp\n"},
    {9, "- {name: alice, fqdn: alice.example.com, transport: tls, dial_plan: sec, listener: tcp}",
     "9: peer alice: listener: \"tcp\" is tcp on 10.0.0.1; must have the peer's transport (tls) "
     "and address family\n"},
    {9,
     "- {name: alice, fqdn: alice.example.com, transport: tls, address: \"2001:db8::1\", "
     "dial_plan: sec}",
     "9: peer alice: no listener has transport tls and its address family; add one under "
     "listeners\n"},
    {9,
     "- {name: alice, fqdn: alice.example.com, transport: tls, dial_plan: sec}\n- {name: carol, "
     "fqdn: Alice.Example.com, transport: tls, dial_plan: sec}",
     "10: peer carol: fqdn: \"Alice.Example.com\" is already used at line 9; a tls peer needs a "
     "name of its own\n"},
    {9, "- {name: \"al\\eice\", fqdn: alice.example.com, transport: tls, dial_plan: sec}",
     "9: peer 1: name: \"al\\x1bice\" must be text, not empty and without control characters\n"},
    {9,
     "- {name: alice, fqdn: alice.example.com, transport: tls, dial_plan: sec, adress: 10.0.0.3}",
     "9: peer alice: unknown key \"adress\"; must be one of name, fqdn, address, network, port, "
     "transport, dial_plan, listener, trust, asserted_identity, codecs, auth_user, "
     "auth_password_file, "
     "auth_users_file, "
     "auth_realm, auth_identity, connection_reuse, large_requests, keepalive_s, registrar, "
     "phone_expires_s, "
     "max_registrations, max_calls, max_calls_in, max_calls_out, calls_per_s_in, calls_per_s_out, "
     "wildcard, server_auth_only, "
     "watch_s, watch_down, watch_up, called_in, caller_in, called_out, caller_out\n"},
    {10, "- {name: bob, address: 10.0.1.2, transport: tcp, dial_plan: clear, auth_user: x}",
     "10: peer bob: auth_password_file is missing; auth_user needs a password\n"},
    {10,
     "- {name: bob, address: 10.0.1.2, transport: tcp, dial_plan: clear, auth_password_file: /p}",
     "10: peer bob: auth_user is missing; a password needs a user\n"},
    {10,
     "- {name: bob, address: 10.0.1.2, transport: tcp, dial_plan: clear, auth_user: 'a\"b', "
     "auth_password_file: /p}",
     "10: peer bob: auth_user: \"a\"b\" must be 1 to 63 printable characters without quote, "
     "backslash and colon\n"},
    {10, "- {name: bob, address: 10.0.1.2, network: 10.0.2.0/24, transport: tcp, dial_plan: clear}",
     "10: peer bob: network: the peer has an address already; must be one of both\n"},
    {10, "- {name: bob, network: 10.0.2.0/24, transport: tcp, dial_plan: clear, watch_s: 30}",
     "10: peer bob: watch_s: 10.0.2.0/24 is a network, which cannot be asked whether it serves; "
     "must be left out, or the peer have an address\n"},
    {10,
     "- {name: bob, address: 10.0.1.2, transport: tcp, dial_plan: clear, trust: true, "
     "asserted_identity: '+4930'}",
     "10: peer bob: asserted_identity: a peer with trust asserts identities itself; must be left "
     "out\n"},
    {10, "- {name: bob, network: 10.0.2.1/24, transport: tcp, dial_plan: clear}",
     "10: peer bob: network: \"10.0.2.1/24\" must be a prefix with nothing behind it, such as "
     "192.0.2.0/24 or 2001:db8::/32\n"},
    {10,
     "- {name: bob, network: 10.0.2.0/24, transport: tcp, dial_plan: clear}\n- {name: bert, "
     "network: 10.0.2.0/24, transport: tcp, dial_plan: clear}",
     "11: peer bert: network: \"10.0.2.0/24\" is already used at line 10; each needs a network of "
     "its own\n"},
    {9,
     "- {name: alice, fqdn: alice.example.com, transport: tls, dial_plan: sec, network: "
     "10.0.2.0/24}",
     "9: peer alice: network: a tls peer is known by its certificate; must be left out\n"},
    {10, "- {name: bob, address: 10.0.1.2, transport: tcp, dial_plan: clear, auth_realm: r}",
     "10: peer bob: auth_users_file is missing; a realm needs users\n"},
    {10, "- {name: bob, address: 10.0.1.2, transport: tcp, dial_plan: clear, auth_identity: any}",
     "10: peer bob: auth_users_file is missing; auth_identity is for its users\n"},
    {10,
     "- {name: bob, address: 10.0.1.2, transport: tcp, dial_plan: clear, auth_users_file: /p, "
     "auth_realm: 'a\"b'}",
     "10: peer bob: auth_realm: \"a\"b\" must be 1 to 63 printable characters without quote, "
     "backslash and colon\n"},
    {10, "- {name: bob, transport: tcp, dial_plan: clear}",
     "10: peer bob: address is missing; a tcp peer is known by its source address\n"},
    {10, "- {name: bob, address: 0.0.0.0, transport: tcp, dial_plan: clear}",
     "10: peer bob: address: \"0.0.0.0\" is no host; must be the address of the peer\n"},
    {10,
     "- {name: bob, address: 10.0.1.2, transport: tcp, dial_plan: clear, wildcard: true, "
     "server_auth_only: true}",
     "10: peer bob: wildcard: transport tcp has no certificate; must be left out\n"
     "10: peer bob: server_auth_only: transport tcp has no certificate; must be left out\n"},
    {10, "- {name: bob, address: 10.0.1.2, transport: udp, dial_plan: clear}",
     "10: peer bob: no listener has transport udp and its address family; add one under "
     "listeners\n"},
    {10,
     "- {name: bob, address: 10.0.1.2, transport: tcp, dial_plan: clear}\n- {name: bob, address: "
     "10.0.1.2, transport: tcp, dial_plan: clear}",
     "11: peer bob: name: \"bob\" is already used at line 10; each needs a name of its own\n"
     "11: peer bob: address: \"10.0.1.2\" is already used at line 10; a tcp or udp peer needs an "
     "address of its own\n"},
    {12, "- {name: out, number: \"2*0\", to: bob}",
     "12: route out: number: \"2*0\" must be 1 to 128 characters of a number or name, '?' for any "
     "one, [2-9] for one of these, '*' only at the end for any rest\n"},
    {12, "- {name: out, from: bert, number: \"20*\", to: bill}",
     "12: route out: from: there is no peer \"bert\"; must be one of alice, bob\n"
     "12: route out: to: there is no peer \"bill\"; must be one of alice, bob\n"},
    {12,
     "- {name: out, number: \"20*\", to: bob}\n- {name: again, from: alice, number: \"20*\", to: "
     "bob}",
     "13: route again: number: \"20*\" never gets here, route out at line 12 takes it; must be "
     "another number, from or priority\n"},
    {12,
     "- {name: out, number: 20, from: alice, to: bob}\n- {name: again, from: bob, number: \"20\", "
     "to: bob}\n- {name: more, from: alice, number: 20, to: alice}",
     "14: route more: number: \"20\" never gets here, route out at line 12 takes it; must be "
     "another number, from or priority\n"},
    {12, "registrations: [{name: r, peer: nobody, aor: alice@example.com}]",
     "12: registration r: aor: \"alice@example.com\" must be an address of record, sip:USER@DOMAIN "
     "without port and parameters\n"
     "12: registration r: peer: there is no peer \"nobody\"; must be one of alice, bob\n"},
    {12, "registrations: [{name: r, peer: alice, aor: 'sip:a@example.com:5060;lr'}]",
     "12: registration r: aor: \"sip:a@example.com:5060;lr\" must be an address of record, "
     "sip:USER@DOMAIN without port and parameters\n"},
    {12,
     "registrations: [{name: r, peer: alice, aor: 'sip:a@b.c', contact_user: 'a b', expires_s: 1}]",
     "12: registration r: contact_user: \"a b\" must be 1 to 63 letters, digits or signs that a "
     "user "
     "part has without escapes\n"
     "12: registration r: expires_s: \"1\" must be a whole number from 60 to 86400\n"},
    {12,
     "registrations:\n- {name: r, peer: alice, aor: 'sip:a@b.c'}\n- {name: s, peer: alice, aor: "
     "'sip:x@b.c', contact_user: a}\n- {name: t, peer: bob, aor: 'sip:a@b.c'}",
     "14: registration s: contact: \"alice/a\" is already used at line 13; each needs a "
     "contact_user "
     "of its own at its peer\n"},
    {12, "- {name: out, number: \"20*\"}",
     "12: route out: goes nowhere; must have one of to, targets and refuse\n"},
    {12, "- {name: out, number: \"20*\", to: bob, refuse: 403}",
     "12: route out: goes to more than one place; must have one of to, targets and refuse\n"},
    {12, "- {name: out, number: \"20*\", targets: [{peer: bob}, {peer: nobody, weight: 70000}]}",
     "12: route out: target 2: weight: \"70000\" must be a whole number from 0 to 65535\n"
     "12: route out: target 2: peer: there is no peer \"nobody\"; must be one of alice, bob\n"},
    {12, "- name: out\n  number: \"20*\"\n  targets:\n  - {peer: bob}\n  - {peer: bob}",
     "16: route out: target 2: peer: \"bob\" is a target of this route already; once is enough\n"},
    {12,
     "- {name: out, number: \"20*\", to: bob, failover_codes: [503, 603, 5x], header: \"X Y: z\"}",
     "12: route out: header: \"X Y: z\" must be \"NAME: VALUE\" with a name of at most 63 "
     "characters; in the value '*' stands for anything and '?' for any one character\n"
     "12: route out: failover_codes: \"603\" must be a status from 300 to 599, or 3xx, 4xx, 5xx\n"
     "12: route out: failover_codes: \"5x\" must be a status from 300 to 599, or 3xx, 4xx, 5xx\n"},
    {12, "- {name: out, number: \"20*\", to: bob, header: \"authorization: *\"}",
     "12: route out: header: \"authorization: *\" must be another header: credentials are "
     "secret\n"},
    {12, "- {name: out, number: \"20*\", to: bob, schedule: night, called: intl}",
     "12: route out: schedule: there is no schedule \"night\"; none is configured\n"
     "12: route out: called: there is no translation \"intl\"; none is configured\n"},
    {11,
     "schedules:\n- {name: s, zone: No/Where, open: [\"mon-fri 8-18\", daily], closed: "
     "[2026-02-30]}\nroutes:",
     "12: schedule s: open: \"mon-fri 8-18\" must be days and hours, such as mon-fri 08:00-18:00, "
     "sat,sun or daily 22:00-06:00\n"
     "12: schedule s: closed: \"2026-02-30\" must be a day, such as 12-25 (each year) or "
     "2026-05-14\n"
     "12: schedule s: zone: \"No/Where\": No such file or directory; must be a file under "
     "/usr/share/zoneinfo (package tzdata), such as Europe/Berlin\n"},
    {11,
     "translations:\n- name: t\n  rules:\n  - {strip: \"0\", match: \"0*\", replace: \"1\"}\n"
     "  - {match: \"0{*}\", replace: \"{2}\"}\n  - {match: \"0{*}\"}\n  - {strip: \"0*\"}\nroutes:",
     "14: translation t: rule 1: must have either strip, add or both, or match and replace\n"
     "15: translation t: rule 2: replace: \"{2}\" must call only parts that match has in {}\n"
     "16: translation t: rule 3: replace is missing; match and replace go together\n"
     "17: translation t: rule 4: strip: \"0*\" must be 1 to 128 characters of a number or name, "
     "without patterns\n"},
};

const size_t bad_configs_count = sizeof(bad_configs) / sizeof(bad_configs[0]);
