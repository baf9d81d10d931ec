/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bad_configs.h"
#include "policy/load.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT_MAX 131072

/* A good configuration, one item a line; $D is the directory of the test's files. */
static const char *const base[] = {
    /*  1 */ "tls: [{name: t, certificate: $D/c.pem, private_key: $D/k.pem, trust: $D/a.pem}]",
    /*  2 */ "listeners:",
    /*  3 */ "- {name: tls, transport: tls, address: 10.0.0.1, tls: t, host: relay.example.com}",
    /*  4 */ "- {name: tcp, transport: tcp, address: 10.0.0.1}",
    /*  5 */ "dial_plans:",
    /*  6 */ "- {name: sec, security: secured, media_interface: voice}",
    /*  7 */ "- {name: clear, security: unsecured, media_interface: voice}",
    /*  8 */ "peers:",
    /*  9 */ "- {name: alice, fqdn: alice.example.com, transport: tls, dial_plan: sec}",
    /* 10 */ "- {name: bob, address: 10.0.1.2, transport: tcp, dial_plan: clear}",
    /* 11 */ "routes:",
    /* 12 */ "- {name: out, number: '20*', to: bob}",
};

static char directory[] = "/tmp/sluice-policy-XXXXXX";
static char config_path[64];
static char reported[TEXT_MAX];

static void put_file(const char *name, const char *text, mode_t mode)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

/* Copies text to out with $D replaced. */
static void expand(char *out, const char *text)
{
	const char *mark;

	for (; (mark = strstr(text, "$D")); text = mark + 2)
		out += sprintf(out, "%.*s%s", (int)(mark - text), text, directory);
	strcpy(out, text);
}

static void remember(void *user, const char *text)
{
	size_t prefix = strlen(config_path) + 1;

	(void)user;
	assert_int_equal(strncmp(text, config_path, prefix - 1), 0);
	snprintf(reported + strlen(reported), TEXT_MAX - strlen(reported), "%s\n", text + prefix);
}

static struct config *load_text(const char *text)
{
	static char whole[TEXT_MAX];

	expand(whole, text);
	put_file("config.yaml", whole, 0644);
	reported[0] = '\0';
	return config_load(config_path, remember, NULL);
}

static struct config *load_base(unsigned line, const char *instead)
{
	char text[8192] = "";

	for (unsigned i = 1; i <= COUNT(base); i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\n",
			 i == line ? instead : base[i - 1]);
	return load_text(text);
}

static void every_bad_configuration_is_told_with_its_line(void **state)
{
	char errors[8192];
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < bad_configs_count; i++) {
		assert_null(load_base(bad_configs[i].line, bad_configs[i].text));
		expand(errors, bad_configs[i].errors);
		if (strcmp(reported, errors) != 0) {
			print_error("%s\n  is told as\n%s  and not\n%s", bad_configs[i].text,
				    reported, errors);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void all_errors_are_told_at_once_in_the_order_of_the_file(void **state)
{
	(void)state;
	assert_null(load_text("routes: [{name: r, number: '*', to: nobody}]\n"
			      "listeners:\n"
			      "- {name: l, transport: tls, address: 10.0.0.1}\n"
			      "max_calls: 0\n"
			      "peers:\n"
			      "- {name: p, transport: udp, address: 10.0.0.256, dial_plan: d}\n"
			      "dial_plans:\n"
			      "- {name: d, security: secured}\n"));
	assert_string_equal(
	    reported,
	    "1: route r: to: there is no peer \"nobody\"; must be one of p\n"
	    "3: listener l: tls is missing; transport tls needs the name of a tls profile\n"
	    "4: max_calls: \"0\" must be a whole number from 1 to 1000000\n"
	    "6: peer p: address: \"10.0.0.256\" must be an IPv4 or IPv6 address, unicast and not "
	    "link-local, such as 192.0.2.1 or 2001:db8::1\n"
	    "6: peer p: no listener has transport udp and its address family; add one under "
	    "listeners\n"
	    "6: peer p: transport: udp does not suit dial plan d, whose security is secured; must "
	    "be tls\n"
	    "8: dial plan d: media_interface is missing; it is required\n");
}

static void a_good_configuration_is_read_as_written(void **state)
{
	struct config *config = load_text(
	    "media_socket: /tmp/m.sock\ncontrol_socket: /tmp/c.sock\nmax_calls: 7\n"
	    "tls:\n"
	    "- {name: t, certificate: $D/c.pem, private_key: $D/k.pem, trust: $D/a.pem,\n"
	    "   tls13_only: true}\n"
	    "listeners:\n"
	    "- {name: l, transport: tls, address: '2001:DB8:0::1', port: 6061, tls: t,\n"
	    "   host: relay.example.com}\n"
	    "dial_plans:\n"
	    "- {name: d, security: secured, media_interface: voice, media_timeout_s: 5, dscp: 0,\n"
	    "   key_lifetime: 1048576,\n"
	    "   suites: [AES_CM_128_HMAC_SHA1_32, AEAD_AES_256_GCM], max_calls: 3,\n"
	    "   media_source: any, allow_downgrade: true}\n"
	    "peers:\n"
	    "- {name: a, fqdn: a.example.com, address: '2001:db8::2', port: 7000, transport: tls,\n"
	    "   dial_plan: d, listener: l, wildcard: true, server_auth_only: true}\n"
	    "routes:\n- {name: r, from: a, number: '20*', to: a}\n");

	(void)state;
	assert_string_equal(reported, "");
	assert_non_null(config);
	assert_string_equal(config->path, config_path);
	assert_string_equal(config->media_socket, "/tmp/m.sock");
	assert_string_equal(config->control_socket, "/tmp/c.sock");
	assert_int_equal(config->max_calls, 7);
	assert_int_equal(config->tls_count, 1);
	assert_true(config->tls[0].tls13_only);
	const struct config_listener *listener = &config->listeners[0];
	assert_int_equal(listener->transport, SIP_TLS);
	assert_string_equal(listener->address, "2001:db8::1");
	assert_int_equal(listener->port, 6061);
	assert_int_equal(listener->socket_address.ss_family, AF_INET6);
	assert_int_equal(((const struct sockaddr_in6 *)&listener->socket_address)->sin6_port,
			 htons(6061));
	assert_ptr_equal(listener->tls, &config->tls[0]);
	assert_string_equal(listener->host, "relay.example.com");
	const struct config_dial_plan *plan = &config->dial_plans[0];
	assert_int_equal(plan->security, SECURITY_SECURED);
	assert_string_equal(plan->media_interface, "voice");
	assert_int_equal(plan->media_timeout_ms, 5000);
	assert_int_equal(plan->dscp, 0);
	assert_int_equal(plan->key_lifetime, 1048576);
	assert_int_equal(plan->suite_count, 2);
	assert_int_equal(plan->suites[0], SDES_AES_CM_128_HMAC_SHA1_32);
	assert_int_equal(plan->suites[1], SDES_AEAD_AES_256_GCM);
	assert_int_equal(plan->max_calls, 3);
	assert_true(plan->allow_downgrade);
	assert_int_equal(plan->media_source, MEDIA_SOURCE_ANY);
	const struct config_peer *peer = &config->peers[0];
	assert_string_equal(peer->fqdn, "a.example.com");
	assert_string_equal(peer->address, "2001:db8::2");
	assert_int_equal(peer->port, 7000);
	assert_ptr_equal(peer->dial_plan, plan);
	assert_ptr_equal(peer->listener, listener);
	assert_true(peer->wildcard);
	assert_true(peer->server_auth_only);
	assert_ptr_equal(config->routes[0].from, peer);
	assert_ptr_equal(config->routes[0].to, peer);
	assert_string_equal(config->routes[0].number, "20*");
	config_free(config);
}

static void what_is_left_out_has_its_default(void **state)
{
	struct config *config = load_base(0, NULL);

	(void)state;
	assert_string_equal(reported, "");
	assert_non_null(config);
	assert_string_equal(config->user, "sluice");
	assert_string_equal(config->media_socket, "/run/sluice/media.sock");
	assert_string_equal(config->control_socket, "/run/sluice/control.sock");
	assert_null(config->control_group);
	assert_int_equal(config->max_calls, 10000);
	assert_int_equal(config->listeners[0].port, 5061);
	assert_int_equal(config->listeners[1].port, 5060);
	assert_string_equal(config->listeners[1].host, "10.0.0.1");
	assert_int_equal(config->dial_plans[0].media_timeout_ms, 30000);
	assert_int_equal(config->dial_plans[0].dscp, CONFIG_DSCP_INTERFACE);
	assert_int_equal(config->dial_plans[0].key_lifetime, 0);
	assert_int_equal(config->dial_plans[0].max_calls, 0);
	assert_false(config->dial_plans[0].allow_downgrade);
	assert_int_equal(config->dial_plans[0].prack, PRACK_SUPPORTED);
	assert_int_equal(config->dial_plans[0].session_expires_s, 1800);
	assert_int_equal(config->dial_plans[0].session_min_s, 90);
	assert_int_equal(config->dial_plans[0].refer, REFER_REFUSE);
	assert_false(config->peers[0].trust);
	assert_int_equal(config->dial_plans[0].media_source, MEDIA_SOURCE_ADDRESS);
	assert_int_equal(config->dial_plans[0].suite_count, 2);
	assert_int_equal(config->dial_plans[0].suites[0], SDES_AES_CM_128_HMAC_SHA1_80);
	assert_int_equal(config->dial_plans[0].suites[1], SDES_AES_CM_128_HMAC_SHA1_32);
	assert_int_equal(config->dial_plans[1].suite_count, 0);
	assert_int_equal(config->peers[0].port, 5061);
	assert_int_equal(config->peers[1].port, 5060);
	assert_ptr_equal(config->peers[0].listener, &config->listeners[0]);
	assert_ptr_equal(config->peers[1].listener, &config->listeners[1]);
	assert_null(config->routes[0].from);
	config_free(config);
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
	(void)state;
	reported[0] = '\0';
	snprintf(config_path, sizeof(config_path), "%s/missing.yaml", directory);
	assert_null(config_load(config_path, remember, NULL));
	assert_string_equal(reported, " cannot be read: No such file or directory; must be a YAML "
				      "file of at most 16 MiB\n");
	snprintf(config_path, sizeof(config_path), "%s", directory);
	reported[0] = '\0';
	assert_null(config_load(config_path, remember, NULL));
	assert_string_equal(reported, " cannot be read: Is a directory; must be a YAML file of at "
				      "most 16 MiB\n");
	snprintf(config_path, sizeof(config_path), "%s/config.yaml", directory);
}

static void what_is_no_yaml_is_told(void **state)
{
	static const struct {
		const char *text, *errors;
	} rows[] = {
	    {"", "1: empty; must hold at least listeners, dial_plans and peers\n"},
	    {"# only a comment\n",
	     "1: empty; must hold at least listeners, dial_plans and peers\n"},
	    {"max_calls: 1\n\tuser: x\n",
	     "2: not YAML: found a tab character that violates indentation; indent with spaces, "
	     "not "
	     "tabs, and quote a value that begins with * or another sign\n"},
	    {"routes:\n- number: *\n",
	     "2: not YAML: did not find expected alphabetic or numeric character; indent with "
	     "spaces, not tabs, and quote a value that begins with * or another sign\n"},
	    {"just text\n", "1: not a mapping; must be KEY: VALUE lines\n"},
	    {"- a list\n", "1: not a mapping; must be KEY: VALUE lines\n"},
	    {"a: [\n", "2: not YAML: did not find expected node content; indent with spaces, not "
		       "tabs, and quote a value that begins with * or another sign\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_null(load_text(rows[i].text));
		assert_string_equal(reported, rows[i].errors);
	}
}

static void a_second_document_is_refused(void **state)
{
	(void)state;
	assert_null(load_base(12, "- {name: out, number: '20*', to: bob}\n---\nmax_calls: 1"));
	assert_string_equal(reported,
			    "13: a second document begins; must be one document a file\n");
}

static void an_alias_may_repeat_a_value_but_not_loop(void **state)
{
	struct config *config = load_base(
	    12, "- &r {name: &n out, number: '20*', to: bob}\n- {name: x, number: *n, to: bob}");

	(void)state;
	assert_string_equal(reported, "");
	assert_string_equal(config->routes[1].number, "out");
	config_free(config);
	assert_null(load_base(12, "- &r [*r]"));
	assert_string_equal(reported, "12: route 1: not a mapping; must be KEY: VALUE lines\n");
}

static void errors_beyond_the_limit_are_counted(void **state)
{
	char text[TEXT_MAX / 2] = "";
	unsigned lines = 0;

	(void)state;
	for (unsigned i = 0; i < CONFIG_ERRORS_MAX + 50; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "k%u: 1\n", i);
	assert_null(load_text(text));
	for (const char *p = reported; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, CONFIG_ERRORS_MAX + 1);
	/* besides these, three required lists are missing */
	assert_non_null(strstr(reported, " and 53 more errors\n"));
}

static void accounts_that_are_named_must_exist(void **state)
{
	(void)state;
	assert_null(load_base(11, "user: no-such-user\ncontrol_group: no-such-group\nroutes:"));
	assert_string_equal(
	    reported,
	    "11: user: this host has no user \"no-such-user\"; create it (useradd --system "
	    "no-such-user) or name another\n"
	    "12: control_group: this host has no group \"no-such-group\"; create it (groupadd "
	    "--system no-such-group) or name another\n");
}

static void passwords_come_from_files_of_our_own(void **state)
{
	static const struct {
		const char *content;
		unsigned mode;
		const char *wrong; /* NULL: nothing */
	} facts[] = {
	    {"s3cret\n", 0600, NULL},
	    {"s3cret", 0400, NULL},
	    {"s3cret\r\n", 0600, NULL},
	    {"s3cret\n", 0640, "may be used by others"},
	    {"s3cret\n", 0604, "may be used by others"},
	    {"", 0600, "is empty"},
	    {"\n", 0600, "is empty"},
	    {"one\ntwo\n", 0600, "has more than one line"},
	};
	char error[1024], path[600];

	(void)state;
	snprintf(path, sizeof(path), "%s/password", directory);
	for (size_t i = 0; i < COUNT(facts); i++) {
		struct config_peer peer = {.name = path, .auth_password_file = path};
		struct config config = {.peers = &peer, .peer_count = 1};

		put_file("password", facts[i].content, facts[i].mode);
		assert_int_equal(config_secrets_load(&config, error, sizeof(error)),
				 facts[i].wrong ? -EINVAL : 0);
		if (facts[i].wrong)
			assert_non_null(strstr(error, facts[i].wrong));
		else
			assert_string_equal(peer.auth_password, "s3cret");
		if (facts[i].wrong)
			assert_null(strstr(error, "s3cret"));
		config_secrets_wipe(&config);
		assert_null(peer.auth_password);
	}
	assert_int_equal(unlink(path), 0);
}

static void modes_and_transports_have_names(void **state)
{
	(void)state;
	assert_string_equal(security_mode_name(SECURITY_UNSECURED), "unsecured");
	assert_string_equal(security_mode_name(SECURITY_SIP_SECURED), "sip-secured");
	assert_string_equal(security_mode_name(SECURITY_SECURED), "secured");
	assert_string_equal(sip_transport_name(SIP_UDP), "udp");
	assert_string_equal(sip_transport_name(SIP_TCP), "tcp");
	assert_string_equal(sip_transport_name(SIP_TLS), "tls");
}

static int make_files(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -errno;
	snprintf(config_path, sizeof(config_path), "%s/config.yaml", directory);
	put_file("c.pem", "certificate\n", 0644);
	put_file("k.pem", "key\n", 0600);
	put_file("a.pem", "trust\n", 0644);
	put_file("open.pem", "key\n", 0640);
	put_file("empty.pem", "", 0600);
	return 0;
}

static int remove_files(void **state)
{
	static const char *const names[] = {"c.pem",    "k.pem",     "a.pem",
					    "open.pem", "empty.pem", "config.yaml"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_bad_configuration_is_told_with_its_line),
	    cmocka_unit_test(all_errors_are_told_at_once_in_the_order_of_the_file),
	    cmocka_unit_test(a_good_configuration_is_read_as_written),
	    cmocka_unit_test(what_is_left_out_has_its_default),
	    cmocka_unit_test(a_file_that_cannot_be_read_is_told),
	    cmocka_unit_test(what_is_no_yaml_is_told),
	    cmocka_unit_test(a_second_document_is_refused),
	    cmocka_unit_test(an_alias_may_repeat_a_value_but_not_loop),
	    cmocka_unit_test(errors_beyond_the_limit_are_counted),
	    cmocka_unit_test(accounts_that_are_named_must_exist),
	    cmocka_unit_test(passwords_come_from_files_of_our_own),
	    cmocka_unit_test(modes_and_transports_have_names),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
