/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server on a real loop in a thread, spoken to over its socket. */
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
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../patience.h"
#include "api/api.h"

#define ANSWER_MAX 8192U

static char directory[] = "/tmp/sluice-api-XXXXXX";
static char path[64];

static pthread_t thread;
static uv_loop_t loop;
static uv_async_t stop;
static uv_timer_t later_timer;
static struct api_server *server;
static struct api_request *waiting; /* the request of "later" or "keep"; loop's thread */
static unsigned hangups;

/* ---- commands; loop's thread ---- */

static void run_echo(void *user, struct api_request *request, const json_t *args)
{
	assert_ptr_equal(user, &loop);
	api_answer(request, json_deep_copy(args));
}

static void run_nothing(void *user, struct api_request *request, const json_t *args)
{
	(void)user;
	(void)args;
	api_answer(request, NULL);
}

static void run_refuse(void *user, struct api_request *request, const json_t *args)
{
	(void)user;
	api_refuse(request, "no call %s", json_string_value(json_object_get(args, "id")));
}

static void run_hangup(void *user, struct api_request *request, const json_t *args)
{
	(void)user;
	(void)args;
	hangups++;
	api_answer(request, json_integer((json_int_t)hangups));
}

static void answer_late(uv_timer_t *timer)
{
	(void)timer;
	api_answer(waiting, json_string("late"));
	waiting = NULL;
}

static void run_later(void *user, struct api_request *request, const json_t *args)
{
	(void)user;
	(void)args;
	waiting = request;
	uv_timer_start(&later_timer, answer_late, 50, 0);
}

static void run_keep(void *user, struct api_request *request, const json_t *args)
{
	(void)user;
	(void)args;
	__atomic_store_n(&waiting, request, __ATOMIC_RELEASE);
}

static void run_big(void *user, struct api_request *request, const json_t *args)
{
	json_t *list = json_array();

	(void)user;
	(void)args;
	for (unsigned i = 0; i < 200000; i++)
		json_array_append_new(list, json_string("0123456789abcdef"));
	api_answer(request, list);
}

static const struct api_command commands[] = {
    {"echo", false, run_echo},     {"nothing", false, run_nothing}, {"refuse", false, run_refuse},
    {"hangup", true, run_hangup},  {"later", false, run_later},     {"keep", false, run_keep},
    {"big thing", false, run_big},
};

static void stopped(uv_async_t *async)
{
	(void)async;
	api_server_close(server);
	uv_close((uv_handle_t *)&stop, NULL);
	uv_close((uv_handle_t *)&later_timer, NULL);
}

static void *run_loop(void *argument)
{
	(void)argument;
	uv_run(&loop, UV_RUN_DEFAULT);
	return NULL;
}

static int start(void **state)
{
	char error[256];

	(void)state;
	uv_loop_init(&loop);
	uv_async_init(&loop, &stop, stopped);
	uv_timer_init(&loop, &later_timer);
	hangups = 0;
	if (api_server_open(&server, &loop, path, NULL, commands,
			    sizeof(commands) / sizeof(commands[0]), &loop, error,
			    sizeof(error)) < 0)
		return -1;
	return pthread_create(&thread, NULL, run_loop, NULL);
}

/* A leak of a handle would keep the loop, and so this test, running. */
static int finish(void **state)
{
	(void)state;
	uv_async_send(&stop);
	pthread_join(thread, NULL);
	if (waiting)
		api_answer(waiting, NULL);
	waiting = NULL;
	return uv_loop_close(&loop);
}

/* ---- a client of bytes ---- */

static int dial(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_sec = patience_ms() / 1000};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

static void put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* One line, or all until the end. */
static const char *get(int fd, bool to_end)
{
	static char text[ANSWER_MAX];
	size_t used = 0;

	while (used < sizeof(text) - 1 && (to_end || used == 0 || text[used - 1] != '\n')) {
		ssize_t got = recv(fd, text + used, to_end ? sizeof(text) - 1 - used : 1, 0);

		if (got < 0 && errno == EINTR) /* stopped, and told to go on */
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	text[used] = '\0';
	return text;
}

static void answers_are_as_the_table_says(void **state)
{
	static const struct {
		const char *line, *answer;
	} rows[] = {
	    {"{\"id\":1,\"command\":\"echo\",\"args\":{\"a\":[1]}}",
	     "{\"id\":1,\"ok\":true,\"result\":{\"a\":[1]}}\n"},
	    {"{\"id\":\"x\",\"command\":\"echo\"}", "{\"id\":\"x\",\"ok\":true,\"result\":{}}\n"},
	    {"{\"command\":\"nothing\"}", "{\"id\":null,\"ok\":true,\"result\":null}\n"},
	    {"{\"id\":{},\"command\":\"nothing\"}", "{\"id\":null,\"ok\":true,\"result\":null}\n"},
	    {"{\"id\":2,\"command\":\"refuse\",\"args\":{\"id\":\"7\"}}",
	     "{\"id\":2,\"ok\":false,\"error\":\"no call 7\"}\n"},
	    {"{\"id\":3,\"command\":\"none\"}",
	     "{\"id\":3,\"ok\":false,\"error\":\"no command 'none'\"}\n"},
	    {"{\"id\":4,\"command\":\"echo\",\"args\":[]}",
	     "{\"id\":4,\"ok\":false,\"error\":\"args must be an object\"}\n"},
	    {"{\"id\":5}",
	     "{\"id\":5,\"ok\":false,\"error\":\"not a request: must be "
	     "{\\\"id\\\": 1, \\\"command\\\": \\\"status\\\", \\\"args\\\": {}}\"}\n"},
	    {"[1]", "{\"id\":null,\"ok\":false,\"error\":\"not a request: must be "
		    "{\\\"id\\\": 1, \\\"command\\\": \\\"status\\\", \\\"args\\\": {}}\"}\n"},
	    {"", "{\"id\":null,\"ok\":false,\"error\":\"not JSON: '[' or '{' expected near end of "
		 "file\"}\n"},
	    {"{\"id\":1,\"id\":2,\"command\":\"nothing\"}",
	     "{\"id\":null,\"ok\":false,\"error\":\"not JSON: duplicate object key near "
	     "'\\\"id\\\"'\"}\n"},
	    {"{\"id\":6,\"command\":\"hangup\"}", "{\"id\":6,\"ok\":true,\"result\":1}\n"},
	};
	int fd = dial();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put(fd, rows[i].line);
		put(fd, "\n");
		assert_string_equal(get(fd, false), rows[i].answer);
	}
	close(fd);
}

static void bytes_that_are_not_text_are_refused_and_the_next_line_is_heard(void **state)
{
	int fd = dial();

	(void)state;
	assert_int_equal(send(fd, "{\"id\":1\0}\n\xff\xfe\n", 13, 0), 13);
	put(fd, "{\"id\":7,\"command\":\"nothing\"}\n");
	assert_non_null(strstr(get(fd, false), "not JSON: a NUL"));
	assert_non_null(strstr(get(fd, false), "not JSON: unable to decode byte 0xff"));
	assert_string_equal(get(fd, false), "{\"id\":7,\"ok\":true,\"result\":null}\n");
	close(fd);
}

static void requests_sent_ahead_are_answered_in_order(void **state)
{
	int fd = dial();

	(void)state;
	put(fd, "{\"id\":1,\"command\":\"later\"}\n{\"id\":2,\"command\":\"nothing\"}\n{\"id\":3,");
	assert_string_equal(get(fd, false), "{\"id\":1,\"ok\":true,\"result\":\"late\"}\n");
	assert_string_equal(get(fd, false), "{\"id\":2,\"ok\":true,\"result\":null}\n");
	put(fd, "\"command\":\"nothing\"}\n");
	assert_string_equal(get(fd, false), "{\"id\":3,\"ok\":true,\"result\":null}\n");
	close(fd);
}

static void a_line_in_pieces_is_one_request(void **state)
{
	const char *line = "{\"id\":1,\"command\":\"nothing\"}\n";
	int fd = dial();

	(void)state;
	for (; *line; line++) {
		assert_int_equal(send(fd, line, 1, 0), 1);
		usleep(200);
	}
	assert_string_equal(get(fd, false), "{\"id\":1,\"ok\":true,\"result\":null}\n");
	close(fd);
}

static void a_half_closed_client_gets_its_answers_and_then_the_end(void **state)
{
	int fd = dial();

	(void)state;
	put(fd, "{\"id\":1,\"command\":\"later\"}\n{\"id\":2,\"command\":\"nothing\"}\n");
	shutdown(fd, SHUT_WR);
	assert_string_equal(get(fd, true), "{\"id\":1,\"ok\":true,\"result\":\"late\"}\n"
					   "{\"id\":2,\"ok\":true,\"result\":null}\n");
	close(fd);
}

static void a_client_that_is_gone_does_not_hurt(void **state)
{
	int fd = dial();

	(void)state;
	put(fd, "{\"id\":1,\"command\":\"later\"}\n");
	close(fd);
	fd = dial();
	put(fd, "{\"id\":1,\"command\":\"big thing\"}\n");
	close(fd);
	usleep(100000);
	fd = dial();
	put(fd, "{\"id\":1,\"command\":\"nothing\"}\n");
	assert_string_equal(get(fd, false), "{\"id\":1,\"ok\":true,\"result\":null}\n");
	close(fd);
}

static void a_request_may_outlive_the_server(void **state)
{
	int fd = dial();

	(void)state;
	put(fd, "{\"id\":1,\"command\":\"keep\"}\n");
	put(fd,
	    "{\"id\":2,\"command\":\"nothing\"}\n"); /* is not run before the first is answered */
	for (unsigned ms = 0; !__atomic_load_n(&waiting, __ATOMIC_ACQUIRE); ms++) {
		assert_true(ms < patience_ms());
		usleep(1000);
	}
	finish(NULL);
	assert_string_equal(get(fd, true), "");
	close(fd);
	assert_int_equal(start(NULL), 0);
}

static void a_line_too_long_is_told_and_ends_the_connection(void **state)
{
	static char text[API_REQUEST_MAX + 1];
	int fd = dial();

	(void)state;
	memset(text, ' ', API_REQUEST_MAX);
	put(fd, text);
	assert_string_equal(get(fd, true), "{\"id\":null,\"ok\":false,\"error\":\"line too long: a "
					   "request is at most 64 KiB\"}\n");
	close(fd);
}

static void the_longest_line_is_heard(void **state)
{
	static char text[API_REQUEST_MAX + 1];
	int fd = dial();

	(void)state;
	memset(text, ' ', API_REQUEST_MAX - 1);
	memcpy(text, "{\"id\":1,\"command\":\"nothing\"}", 28);
	text[API_REQUEST_MAX - 1] = '\n';
	put(fd, text);
	assert_string_equal(get(fd, false), "{\"id\":1,\"ok\":true,\"result\":null}\n");
	close(fd);
}

/* Whether there is a place for one more. */
static bool is_served(void)
{
	static const char line[] = "{\"id\":1,\"command\":\"nothing\"}\n";
	const char *answer;
	int fd = dial();

	(void)!send(fd, line, sizeof(line) - 1, MSG_NOSIGNAL); /* it may have been closed before */
	answer = get(fd, false);
	close(fd);
	return strcmp(answer, "{\"id\":1,\"ok\":true,\"result\":null}\n") == 0;
}

static void clients_are_bounded_and_a_place_becomes_free(void **state)
{
	int fds[API_CLIENTS_MAX + 1];

	(void)state;
	for (unsigned i = 0; i <= API_CLIENTS_MAX; i++)
		fds[i] = dial();
	assert_string_equal(get(fds[API_CLIENTS_MAX], true),
			    "{\"id\":null,\"ok\":false,\"error\":\"too many clients: 32 are "
			    "connected\"}\n");
	put(fds[0], "{\"id\":1,\"command\":\"nothing\"}\n");
	assert_string_equal(get(fds[0], false), "{\"id\":1,\"ok\":true,\"result\":null}\n");
	for (unsigned i = 0; i <= API_CLIENTS_MAX; i++)
		close(fds[i]);
	for (unsigned ms = 0; !is_served(); ms++) { /* until it saw one of them go */
		assert_true(ms < patience_ms());
		usleep(1000);
	}
}

static void our_client_gets_results_and_refusals(void **state)
{
	struct api_client *client;
	json_t *result = NULL;
	char *error = NULL;

	(void)state;
	assert_int_equal(api_client_connect(&client, path), 0);
	assert_int_equal(
	    api_client_call(client, "echo", json_pack("{s:i}", "a", 5), &result, &error), 0);
	assert_int_equal(json_integer_value(json_object_get(result, "a")), 5);
	json_decref(result);
	assert_int_equal(
	    api_client_call(client, "refuse", json_pack("{s:s}", "id", "9"), &result, &error),
	    -EREMOTEIO);
	assert_string_equal(error, "no call 9");
	free(error);
	assert_int_equal(api_client_call(client, "big thing", NULL, &result, &error), 0);
	assert_int_equal(json_array_size(result), 200000);
	json_decref(result);
	api_client_set_timeout(client, 50);
	assert_int_equal(api_client_call(client, "keep", NULL, &result, &error), -ETIMEDOUT);
	api_client_close(client);
}

static void only_its_owner_may_open_the_socket(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

/* ---- opening; no loop runs ---- */

static int open_once(const char *at, const char *group, char *error)
{
	struct api_server *opened = NULL;
	uv_loop_t own;

	uv_loop_init(&own);
	int rc = api_server_open(&opened, &own, at, group, commands, 1, NULL, error, 256);
	api_server_close(opened);
	uv_run(&own, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&own), 0);
	return rc;
}

static void a_living_daemons_socket_is_not_taken(void **state)
{
	char error[256];

	(void)state;
	assert_int_equal(open_once(path, NULL, error), -EADDRINUSE);
	assert_non_null(strstr(error, "in the way"));
	int fd = dial();
	put(fd, "{\"id\":1,\"command\":\"nothing\"}\n");
	assert_string_equal(get(fd, false), "{\"id\":1,\"ok\":true,\"result\":null}\n");
	close(fd);
}

static void a_dead_daemons_socket_is_replaced(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char error[256];

	(void)state;
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(open_once(path, NULL, error), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_server_that_cannot_be_opened_says_why(void **state)
{
	char error[256], longer[200];

	(void)state;
	assert_int_equal(open_once("/nonexistent/x.sock", NULL, error), -EACCES);
	assert_non_null(strstr(error, "/nonexistent/x.sock"));
	memset(longer, 'x', sizeof(longer));
	longer[0] = '/';
	longer[199] = '\0';
	assert_int_equal(open_once(longer, NULL, error), -ENAMETOOLONG);
	assert_int_equal(open_once(path, "no-such-group", error), -ENOENT);
	assert_non_null(strstr(error, "control_group"));
	assert_int_equal(open_once(directory, NULL, error), -EEXIST); /* is no socket */
}

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -errno;
	snprintf(path, sizeof(path), "%s/control.sock", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_SERVER(answers_are_as_the_table_says),
	    WITH_SERVER(bytes_that_are_not_text_are_refused_and_the_next_line_is_heard),
	    WITH_SERVER(requests_sent_ahead_are_answered_in_order),
	    WITH_SERVER(a_line_in_pieces_is_one_request),
	    WITH_SERVER(a_half_closed_client_gets_its_answers_and_then_the_end),
	    WITH_SERVER(a_client_that_is_gone_does_not_hurt),
	    WITH_SERVER(a_request_may_outlive_the_server),
	    WITH_SERVER(a_line_too_long_is_told_and_ends_the_connection),
	    WITH_SERVER(the_longest_line_is_heard),
	    WITH_SERVER(clients_are_bounded_and_a_place_becomes_free),
	    WITH_SERVER(our_client_gets_results_and_refusals),
	    WITH_SERVER(only_its_owner_may_open_the_socket),
	    WITH_SERVER(a_living_daemons_socket_is_not_taken),
	    cmocka_unit_test(a_dead_daemons_socket_is_replaced),
	    cmocka_unit_test(a_server_that_cannot_be_opened_says_why),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
