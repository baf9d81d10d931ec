/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates and trust anchors that change while the relay runs. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct files {
	char directory[128];
	char certificate[256], key[256], trust[256];
	struct config_tls tls[2];
	struct config next;
};

static void copy(const char *from, const char *to)
{
	char data[16384];
	FILE *in = fopen(from, "r"), *out;
	size_t length;

	assert_non_null(in);
	length = fread(data, 1, sizeof(data), in);
	fclose(in);
	assert_true(length > 0 && length < sizeof(data));
	unlink(to); /* as one who renews does: another file takes the name */
	out = fopen(to, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, length, out), length);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(to, 0600), 0);
}

/* The configuration as it is, but that profile "main" has its files in a directory of its own. */
static struct files *files_new(const struct fixture *fixture)
{
	struct files *files = calloc(1, sizeof(*files));

	assert_non_null(files);
	assert_int_equal(pki_directory_make(files->directory, sizeof(files->directory)), 0);
	snprintf(files->certificate, sizeof(files->certificate), "%s/c.pem", files->directory);
	snprintf(files->key, sizeof(files->key), "%s/c.key", files->directory);
	snprintf(files->trust, sizeof(files->trust), "%s/t.pem", files->directory);
	copy(parties[RELAY].certificate, files->certificate);
	copy(parties[RELAY].key, files->key);
	copy(parties[CA].certificate, files->trust);
	memcpy(files->tls, fixture->tls, sizeof(files->tls));
	files->tls[0].certificate = files->certificate;
	files->tls[0].private_key = files->key;
	files->tls[0].trust = files->trust;
	files->next = fixture->config;
	files->next.tls = files->tls;
	return files;
}

static void files_free(struct files *files)
{
	pki_directory_remove(files->directory);
	free(files);
}

static unsigned renew(struct fixture *fixture, const struct config *next)
{
	unsigned renewed = 99;
	char error[512];

	if (net_renew(fixture->net, next, &renewed, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	return renewed;
}

/* A connection of the client of that party, and the serial number that the relay shows it. */
static struct client *connect_as(struct fixture *fixture, int party, char serial[80])
{
	unsigned before = fixture->net->peers[TLS_PEER].connection_count;
	struct client *client = client_open(fixture, ON_TLS, "127.0.0.99", party);
	struct tls_certificate shown;

	run_until(fixture, client, &fixture->net->peers[TLS_PEER].connection_count, before + 1);
	run_until_up(fixture, client);
	assert_int_equal(tls_peer(client->tls, NULL, &shown), 0);
	snprintf(serial, 80, "%s", shown.serial);
	return client;
}

static void files_that_are_the_same_are_not_read_again(void **state)
{
	struct fixture *fixture = *state;
	struct tls_context *server = fixture->net->tls[0].server;

	assert_int_equal(renew(fixture, &fixture->config), 0);
	assert_ptr_equal(fixture->net->tls[0].server, server);
}

static void a_renewed_certificate_is_shown_on_new_connections_and_old_ones_live(void **state)
{
	struct fixture *fixture = *state;
	struct files *files = files_new(fixture);
	struct client *old, *new;
	char before[80], after[80];

	assert_int_equal(renew(fixture, &files->next), 1); /* other files of the same contents */
	old = connect_as(fixture, CLIENT, before);
	copy(parties[LOCALHOST].certificate, files->certificate);
	copy(parties[LOCALHOST].key, files->key);
	assert_int_equal(renew(fixture, &files->next), 1);
	new = connect_as(fixture, CLIENT, after);
	assert_string_not_equal(before, after);
	client_say(old, OPTIONS);
	run_until(fixture, old, &fixture->message_count, 1);
	assert_false(old->closed);
	assert_int_equal(renew(fixture, &files->next), 0);
	client_free(old);
	client_free(new);
	files_free(files);
}

static void who_was_verified_by_other_anchors_is_asked_again(void **state)
{
	struct fixture *fixture = *state;
	struct files *files = files_new(fixture);
	struct client *client, *other;
	char serial[80];

	assert_int_equal(renew(fixture, &files->next), 1);
	client = connect_as(fixture, CLIENT, serial);
	copy(parties[OTHER_CA].certificate, files->trust);
	assert_int_equal(renew(fixture, &files->next), 1);
	run_until_closed(fixture, client);
	client_free(client);
	/* its authority is none any more, the other one is */
	client = client_open(fixture, ON_TLS, "127.0.0.99", CLIENT);
	run_until_closed(fixture, client);
	assert_int_equal(fixture->net->peers[TLS_PEER].connection_count, 0);
	other = connect_as(fixture, OTHER_CLIENT, serial);
	client_free(client);
	client_free(other);
	files_free(files);
}

/* Whatever is wrong with one file: the error names it, and nothing of the others is used. */
static void a_file_that_is_wrong_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct files *files = files_new(fixture);
	const char *const wrong[] = {files->certificate, files->key, files->trust};
	const char *const right[] = {parties[RELAY].certificate, parties[RELAY].key,
				     parties[CA].certificate};
	struct tls_context *server;
	struct client *client, *later;
	char serial[80], again[80];

	assert_int_equal(renew(fixture, &files->next), 1);
	server = fixture->net->tls[0].server;
	client = connect_as(fixture, CLIENT, serial);
	for (unsigned i = 0; i < 3; i++) {
		unsigned renewed = 99;
		char error[512] = "";

		copy("/proc/self/status", wrong[i]);
		assert_true(net_renew(fixture->net, &files->next, &renewed, error, sizeof(error)) <
			    0);
		assert_int_equal(renewed, 0);
		if (!strstr(error, wrong[i]))
			fail_msg("%s: %s", wrong[i], error);
		assert_ptr_equal(fixture->net->tls[0].server, server);
		copy(right[i], wrong[i]);
	}
	client_say(client, OPTIONS);
	run_until(fixture, client, &fixture->message_count, 1);
	later = connect_as(fixture, CLIENT, again);
	assert_string_equal(serial, again);
	client_free(client);
	client_free(later);
	files_free(files);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(files_that_are_the_same_are_not_read_again),
	    TEST(a_renewed_certificate_is_shown_on_new_connections_and_old_ones_live),
	    TEST(who_was_verified_by_other_anchors_is_asked_again),
	    TEST(a_file_that_is_wrong_changes_nothing),
	};

	return cmocka_run_group_tests_name("net renewal", tests, group_setup, group_teardown);
}
