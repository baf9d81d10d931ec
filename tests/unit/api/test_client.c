/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client against a server that answers with what the test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/api.h"

static char directory[] = "/tmp/sluice-client-XXXXXX";
static char path[64];
static int listener;

/* Answers one request of one client, byte for byte, then hangs up. */
static void *serve(void *answer)
{
	char request[4096];
	int fd = accept(listener, NULL, NULL);

	if (recv(fd, request, sizeof(request), 0) > 0)
		send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static const struct {
	const char *answer;
	int rc;
} rows[] = {
    {"{\"id\":1,\"ok\":true,\"result\":[]}\n", 0},
    {"{\"id\":1,\"ok\":false,\"error\":\"no\"}\n", -EREMOTEIO},
    {"{\"id\":null,\"ok\":false,\"error\":\"no\"}\n", -EREMOTEIO},
    {"{\"id\":2,\"ok\":true,\"result\":[]}\n", -EPROTO},
    {"{\"id\":null,\"ok\":true,\"result\":[]}\n", -EPROTO},
    {"{\"id\":1,\"ok\":true}\n", -EPROTO},
    {"{\"id\":1,\"ok\":false}\n", -EPROTO},
    {"{\"id\":1,\"ok\":false,\"error\":5}\n", -EPROTO},
    {"[]\n", -EPROTO},
    {"no JSON\n", -EPROTO},
    {"\n", -EPROTO},
    {"{\"id\":1,\"ok\":true,\"result\":[]}", -EPIPE}, /* cut off */
    {"", -EPIPE},
};

static void results_are_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct api_client *client;
		json_t *result = NULL;
		char *error = NULL;
		pthread_t thread;

		pthread_create(&thread, NULL, serve, (void *)(uintptr_t)rows[i].answer);
		assert_int_equal(api_client_connect(&client, path), 0);
		int rc = api_client_call(client, "status", NULL, &result, &error);
		if (rc != rows[i].rc)
			fail_msg("%s gives %d", rows[i].answer, rc);
		assert_true((rc == 0) == (result != NULL));
		assert_true((rc == -EREMOTEIO) == (error != NULL));
		json_decref(result);
		free(error);
		api_client_close(client);
		pthread_join(thread, NULL);
	}
}

static void a_request_that_is_too_long_is_not_sent(void **state)
{
	struct api_client *client;
	json_t *result = NULL;
	char *error = NULL, *text = malloc(API_REQUEST_MAX);

	(void)state;
	memset(text, 'x', API_REQUEST_MAX - 1);
	text[API_REQUEST_MAX - 1] = '\0';
	assert_int_equal(api_client_connect(&client, path), 0);
	assert_int_equal(
	    api_client_call(client, "call show", json_pack("{s:s}", "id", text), &result, &error),
	    -EMSGSIZE);
	api_client_close(client);
	close(accept(listener, NULL, NULL));
	free(text);
}

static void a_server_that_says_nothing_is_not_waited_for_for_ever(void **state)
{
	struct api_client *client;
	json_t *result = NULL;
	char *error = NULL;

	(void)state;
	assert_int_equal(api_client_connect(&client, path), 0);
	api_client_set_timeout(client, 30);
	assert_int_equal(api_client_call(client, "status", NULL, &result, &error), -ETIMEDOUT);
	api_client_close(client);
	close(accept(listener, NULL, NULL));
}

static void no_daemon_is_told_apart(void **state)
{
	struct api_client *client;
	char other[128];

	(void)state;
	snprintf(other, sizeof(other), "%s/none", directory);
	assert_int_equal(api_client_connect(&client, other), -ENOENT);
	memset(other, 'x', sizeof(other) - 1);
	other[sizeof(other) - 1] = '\0';
	assert_int_equal(api_client_connect(&client, other), -ENAMETOOLONG);
	close(listener);
	assert_int_equal(api_client_connect(&client, path), -ECONNREFUSED);
}

static int listen_here(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)state;
	if (!mkdtemp(directory))
		return -errno;
	snprintf(path, sizeof(path), "%s/control.sock", directory);
	strcpy(address.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	return bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		       listen(listener, 4) < 0
		   ? -errno
		   : 0;
}

static int clean(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(results_are_as_the_table_says),
	    cmocka_unit_test(a_request_that_is_too_long_is_not_sent),
	    cmocka_unit_test(a_server_that_says_nothing_is_not_waited_for_for_ever),
	    cmocka_unit_test(no_daemon_is_told_apart), /* last: closes the listener */
	};

	return cmocka_run_group_tests(tests, listen_here, clean);
}
