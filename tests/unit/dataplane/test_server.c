/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The media API's server in a thread, and the real client library against it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fixture.h"
#include "main/server.h"
#include "sluice_client.h"

#define BOOT_ID 0x1234U
#define TIMEOUT_MS 2000U

enum order { ORDER_NONE, ORDER_STOP, ORDER_EVENTS };

struct running {
	struct fixture *fixture;
	struct loop loop;
	struct loop_source orders;
	int orders_fd[2]; /* a pipe: the test tells the server's thread what to do */
	sem_t done;       /* it has */
	unsigned events;
	struct requests requests;
	struct server *server;
	char path[64];
	pthread_t thread;
};

static void orders_take(struct loop_source *source, uint32_t events)
{
	struct running *running = source->user;
	struct sluice_event event = {.session = 1, .type = SLUICE_EVENT_PORT};
	uint8_t order;

	(void)events;
	assert_int_equal(read(running->orders_fd[0], &order, sizeof(order)), sizeof(order));
	if (order == ORDER_STOP)
		running->loop.stop = true;
	for (unsigned i = 0; order == ORDER_EVENTS && i < running->events; i++)
		server_event(running->server, &event);
	sem_post(&running->done);
}

static void *thread_main(void *user)
{
	struct running *running = user;

	loop_run(&running->loop);
	return NULL;
}

static void order(struct running *running, enum order what)
{
	uint8_t value = (uint8_t)what;

	assert_int_equal(write(running->orders_fd[1], &value, sizeof(value)), sizeof(value));
	sem_wait(&running->done);
}

static int start(void **state)
{
	struct running *running = calloc(1, sizeof(*running));
	struct server_config config = {.path = running->path,
				       .group = (gid_t)-1,
				       .loop = &running->loop,
				       .requests = &running->requests};

	assert_non_null(running);
	assert_int_equal(setup((void **)&running->fixture), 0);
	snprintf(running->path, sizeof(running->path), "/tmp/sluice-server-%d.sock", getpid());
	running->requests =
	    (struct requests){.sessions = running->fixture->sessions, .boot_id = BOOT_ID};
	assert_int_equal(loop_open(&running->loop), 0);
	sem_init(&running->done, 0, 0);
	assert_int_equal(pipe2(running->orders_fd, O_CLOEXEC), 0);
	running->orders = (struct loop_source){orders_take, running};
	assert_int_equal(loop_add(&running->loop, running->orders_fd[0], EPOLLIN, &running->orders),
			 0);
	assert_int_equal(server_new(&running->server, &config), 0);
	assert_int_equal(pthread_create(&running->thread, NULL, thread_main, running), 0);
	*state = running;
	return 0;
}

static int stop(void **state)
{
	struct running *running = *state;

	order(running, ORDER_STOP);
	pthread_join(running->thread, NULL);
	server_free(running->server);
	close(running->orders_fd[0]);
	close(running->orders_fd[1]);
	loop_close(&running->loop);
	teardown((void **)&running->fixture);
	free(running);
	return 0;
}

static struct sluice_client *connected(const struct running *running)
{
	struct sluice_client *client;

	assert_int_equal(sluice_client_connect(&client, running->path, "test", NULL, TIMEOUT_MS),
			 0);
	return client;
}

static int call(struct sluice_client *client, enum sluice_type type, const void *body,
		size_t length, void *reply, size_t reply_length)
{
	return sluice_client_call(client, type, body, length, reply, reply_length, TIMEOUT_MS);
}

/* A socket that speaks without the library. */
static int raw_connect(const struct running *running)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval timeout = {.tv_sec = 2};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", running->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return fd;
}

static void raw_hello(int fd)
{
	struct {
		struct sluice_header header;
		struct sluice_hello hello;
	} frame = {.header = {.version = SLUICE_MEDIA_API_VERSION,
			      .type = SLUICE_HELLO,
			      .id = 1,
			      .length = sizeof(frame.hello)},
		   .hello = {.api_version = SLUICE_MEDIA_API_VERSION,
			     .sizes = SLUICE_MEDIA_SIZES,
			     .name = "raw"}};
	struct sluice_frame answer;

	assert_int_equal(send(fd, &frame, sizeof(frame), 0), sizeof(frame));
	assert_true(recv(fd, &answer, sizeof(answer), 0) > 0);
	assert_int_equal(answer.header.status, 0);
}

/* The next frame is ERROR with this text in it, and the last one. */
static void assert_refused(int fd, const char *text)
{
	struct sluice_frame answer;
	ssize_t bytes = recv(fd, &answer, sizeof(answer), 0);

	assert_int_equal(bytes, sizeof(struct sluice_header) + sizeof(struct sluice_error));
	assert_int_equal(answer.header.type, SLUICE_ERROR);
	if (!strstr((const char *)answer.body, text))
		fail_msg("'%s' is not in '%s'", text, answer.body);
	assert_int_equal(recv(fd, &answer, sizeof(answer), 0), 0);
	close(fd);
}

static void hello_tells_who_answers(void **state)
{
	struct running *running = *state;
	struct sluice_hello_reply hello;
	struct sluice_client *client;

	assert_int_equal(sluice_client_connect(&client, running->path, "test", &hello, TIMEOUT_MS),
			 0);
	assert_int_equal(hello.boot_id, BOOT_ID);
	assert_int_equal(hello.max_sessions, MAX_SESSIONS);
	assert_int_equal(hello.pid, getpid());
	assert_true(hello.suites & 1U << SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	assert_string_equal(hello.version, SLUICE_VERSION);
	sluice_client_close(client);
}

static void a_hello_of_another_contract_is_refused(void **state)
{
	struct {
		struct sluice_header header;
		struct sluice_hello hello;
	} frame = {.header = {.version = SLUICE_MEDIA_API_VERSION,
			      .type = SLUICE_HELLO,
			      .id = 1,
			      .length = sizeof(frame.hello)},
		   .hello = {.api_version = SLUICE_MEDIA_API_VERSION,
			     .sizes = SLUICE_MEDIA_SIZES,
			     .name = "raw"}};
	int fd = raw_connect(*state);

	frame.hello.sizes[4]++;
	assert_int_equal(send(fd, &frame, sizeof(frame), 0), sizeof(frame));
	assert_refused(fd, "struct 4 has 537 bytes; here 536");
	frame.hello.sizes[4]--;
	frame.hello.api_version++;
	fd = raw_connect(*state);
	assert_int_equal(send(fd, &frame, sizeof(frame), 0), sizeof(frame));
	assert_refused(fd, "media API 2");
	frame.hello.api_version--;
	memset(frame.hello.name, 'x', sizeof(frame.hello.name));
	fd = raw_connect(*state);
	assert_int_equal(send(fd, &frame, sizeof(frame), 0), sizeof(frame));
	assert_refused(fd, "name without an end");
}

static void a_bad_frame_closes_its_client_alone(void **state)
{
	static const struct {
		struct sluice_header header;
		uint32_t body; /* bytes of it that are sent */
		uint8_t fill;
		const char *says;
	} facts[] = {
	    {{2, SLUICE_STATS, 1, 0, 0}, 0, 0, "version 2"},
	    {{1, 0, 1, 0, 0}, 0, 0, "type 0 is no request"},
	    {{1, 77, 1, 0, 0}, 0, 0, "type 77 is no request"},
	    {{1, SLUICE_EVENT, 1, 0, 0}, 0, 0, "type 100 is no request"},
	    {{1, SLUICE_SET, 1, 0, 199}, 199, 0, "SET: 199 bytes of body, header says 199"},
	    {{1, SLUICE_SET, 1, 0, 536}, 535, 0, "SET: 535 bytes of body, header says 536"},
	    {{1, SLUICE_SET, 1, 0, 536}, 537, 0, "SET: 537 bytes of body, header says 536"},
	    {{1, SLUICE_STATS, 1, 0, 8}, 8, 0, "STATS: 8 bytes"},
	    {{1, SLUICE_STATS, 1, -5, 0}, 0, 0, "status -5"},
	    {{1, SLUICE_STATS, 0, 0, 0}, 0, 0, "id 0"},
	    {{1, SLUICE_OPEN, 1, 0, 88}, 88, 0xff, "OPEN: padding at byte 25"},
	    {{1, SLUICE_SET, 1, 0, 536}, 536, 0xff, "SET: padding at byte 26"},
	};
	struct sluice_client *other = connected(*state);
	struct sluice_stats stats;

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		int fd = raw_connect(*state);
		/* one byte more than the longest has */
		uint8_t frame[sizeof(struct sluice_header) + sizeof(struct sluice_set) + 1];

		raw_hello(fd);
		memset(frame, facts[i].fill, sizeof(frame));
		memcpy(frame, &facts[i].header, sizeof(facts[i].header));
		assert_true(send(fd, frame, sizeof(facts[i].header) + facts[i].body, 0) > 0);
		assert_refused(fd, facts[i].says);
		assert_int_equal(call(other, SLUICE_STATS, NULL, 0, &stats, sizeof(stats)), 0);
	}
	sluice_client_close(other);
}

static void a_short_or_endless_frame_is_refused(void **state)
{
	static uint8_t frame[SLUICE_MEDIA_FRAME_MAX + 100];
	int fd = raw_connect(*state);

	assert_int_equal(send(fd, frame, 7, 0), 7);
	assert_refused(fd, "frame of 7 bytes; a header has 16");
	fd = raw_connect(*state);
	assert_int_equal(send(fd, frame, sizeof(frame), 0), sizeof(frame));
	assert_refused(fd, "longer than any may be");
}

static void hello_must_come_first(void **state)
{
	struct sluice_header header = {.version = 1, .type = SLUICE_STATS, .id = 1};
	int fd = raw_connect(*state);

	assert_int_equal(send(fd, &header, sizeof(header), 0), sizeof(header));
	assert_refused(fd, "HELLO must come first");
}

/* Frames that the server had not read when it closed must not swallow its last words. */
static void the_reason_arrives_although_more_was_sent(void **state)
{
	struct sluice_header header = {.version = 1, .type = SLUICE_STATS, .id = 1};
	int fd = raw_connect(*state);

	for (unsigned i = 0; i < 10; i++)
		(void)send(fd, &header, sizeof(header), MSG_NOSIGNAL);
	assert_refused(fd, "HELLO must come first");
}

static struct sluice_open open_of(uint64_t id)
{
	return (struct sluice_open){
	    .session = id,
	    .leg = {{.interface = "voice", .family = 4}, {.interface = "trunk", .family = 4}}};
}

static void requests_are_answered_with_what_was_done(void **state)
{
	struct sluice_client *client = connected(*state);
	struct sluice_open open = open_of(5);
	struct sluice_open_reply first, again;
	struct sluice_set set = {.session = 5, .mask = SLUICE_SET_DIRECTION, .direction = 1};
	struct sluice_session session = {5};
	struct sluice_session_info info;
	static struct sluice_list_reply list;
	struct sluice_list after = {0};
	static struct sluice_status status;

	assert_int_equal(call(client, SLUICE_OPEN, &open, sizeof(open), &first, sizeof(first)), 0);
	assert_int_equal(call(client, SLUICE_OPEN, &open, sizeof(open), &again, sizeof(again)), 0);
	assert_memory_equal(&first, &again, sizeof(first));
	assert_int_equal(call(client, SLUICE_SET, &set, sizeof(set), NULL, 0), 0);
	assert_int_equal(call(client, SLUICE_GET, &session, sizeof(session), &info, sizeof(info)),
			 0);
	assert_int_equal(info.leg[0].direction, 1);
	assert_string_equal(info.leg[1].interface, "trunk");
	assert_int_equal(call(client, SLUICE_LIST, &after, sizeof(after), &list, sizeof(list)), 0);
	assert_int_equal(list.count, 1);
	assert_int_equal(call(client, SLUICE_STATUS, NULL, 0, &status, sizeof(status)), 0);
	assert_int_equal(status.boot_id, BOOT_ID);
	assert_int_equal(call(client, SLUICE_CLOSE, &session, sizeof(session), &info, sizeof(info)),
			 0);
	assert_int_equal(call(client, SLUICE_CLOSE, &session, sizeof(session), &info, sizeof(info)),
			 -ENOENT);
	sluice_client_close(client);
}

static void requests_sent_together_are_answered_in_order(void **state)
{
	struct sluice_client *client = connected(*state);
	struct sluice_frame frame;
	uint32_t ids[50];

	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(sluice_client_send(client, SLUICE_STATS, NULL, 0, &ids[i]), 0);
	for (unsigned i = 0; i < 50;) {
		struct pollfd pollfd = {.fd = sluice_client_fd(client), .events = POLLIN};
		int rc = sluice_client_receive(client, &frame);

		if (rc == -EAGAIN)
			assert_int_equal(poll(&pollfd, 1, (int)TIMEOUT_MS), 1);
		else
			assert_int_equal(rc, 0);
		if (rc == 0)
			assert_int_equal(frame.header.id, ids[i++]);
	}
	sluice_client_close(client);
}

static void a_client_that_dies_leaves_sessions_and_others_alone(void **state)
{
	struct running *running = *state;
	struct sluice_client *client = connected(running), *other = connected(running);
	struct sluice_open open = open_of(6);
	struct sluice_open_reply reply;
	struct sluice_session session = {6};
	struct sluice_session_info info;

	assert_int_equal(call(client, SLUICE_OPEN, &open, sizeof(open), &reply, sizeof(reply)), 0);
	sluice_client_close(client);
	assert_int_equal(call(other, SLUICE_GET, &session, sizeof(session), &info, sizeof(info)),
			 0);
	sluice_client_close(other);
}

static void a_ninth_client_is_refused(void **state)
{
	struct sluice_client *client[SERVER_CLIENTS_MAX], *ninth;

	for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++)
		client[i] = connected(*state);
	assert_true(sluice_client_connect(&ninth, ((struct running *)*state)->path, "ninth", NULL,
					  TIMEOUT_MS) < 0);
	sluice_client_close(client[3]);
	client[3] = NULL;
	for (unsigned i = 0; !client[3] && i < 100; i++) { /* until the server saw it go */
		if (sluice_client_connect(&client[3], ((struct running *)*state)->path, "again",
					  NULL, TIMEOUT_MS))
			usleep(10000);
	}
	for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++) {
		assert_non_null(client[i]);
		sluice_client_close(client[i]);
	}
}

struct seen {
	uint64_t last;
	unsigned count, gaps;
};

static void event_seen(void *user, const struct sluice_event *event)
{
	struct seen *seen = user;

	assert_true(event->sequence > seen->last);
	seen->gaps += event->sequence != seen->last + 1;
	seen->last = event->sequence;
	seen->count++;
}

static void events_have_a_sequence(void **state)
{
	struct running *running = *state;
	struct sluice_client *client = connected(running);
	struct sluice_stats stats;
	struct seen seen = {0};

	sluice_client_on_event(client, event_seen, &seen);
	running->events = 100;
	order(running, ORDER_EVENTS);
	for (unsigned i = 0; seen.count < 100 && i < 1000; i++)
		assert_int_equal(call(client, SLUICE_STATS, NULL, 0, &stats, sizeof(stats)), 0);
	assert_int_equal(seen.count, 100);
	assert_int_equal(seen.gaps, 0);
	sluice_client_close(client);
}

/* A client that does not read loses events, sees that it did, and is served again. */
static void a_slow_client_loses_events_and_sees_the_gap(void **state)
{
	struct running *running = *state;
	struct sluice_client *slow = connected(running), *other = connected(running);
	struct sluice_stats stats;
	struct seen seen = {0};

	sluice_client_on_event(slow, event_seen, &seen);
	running->events = 20000;
	order(running, ORDER_EVENTS);
	assert_int_equal(call(other, SLUICE_STATS, NULL, 0, &stats, sizeof(stats)), 0);
	running->events = 1;
	for (unsigned i = 0; seen.last < 20001 && i < 1000; i++) {
		assert_int_equal(call(slow, SLUICE_STATS, NULL, 0, &stats, sizeof(stats)), 0);
		order(running, ORDER_EVENTS);
	}
	assert_in_range(seen.gaps, 1, 5);
	assert_in_range(seen.count, 256, 19999);
	sluice_client_close(slow);
	sluice_client_close(other);
}

static void a_live_socket_is_not_taken_over_but_a_dead_one_is(void **state)
{
	struct running *running = *state;
	struct loop loop;
	struct server *second;
	char dead[64];
	struct server_config config = {
	    .path = running->path, .group = (gid_t)-1, .loop = &loop, .requests = NULL};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	assert_int_equal(loop_open(&loop), 0);
	assert_int_equal(server_new(&second, &config), -EADDRINUSE);
	snprintf(dead, sizeof(dead), "/tmp/sluice-dead-%d.sock", getpid());
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", dead);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd); /* the file stays */
	config.path = dead;
	assert_int_equal(server_new(&second, &config), 0);
	server_free(second);
	assert_int_equal(access(dead, F_OK), -1);
	loop_close(&loop);
}

static void the_socket_is_ours_alone_without_a_group(void **state)
{
	struct stat st;

	assert_int_equal(stat(((struct running *)*state)->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void nobody_there_is_told_by_the_error(void **state)
{
	struct sluice_client *client;

	(void)state;
	assert_int_equal(sluice_client_connect(&client, "/tmp/sluice-nobody.sock", "x", NULL, 100),
			 -ENOENT);
	assert_null(client);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, start, stop)
	const struct CMUnitTest tests[] = {
	    CASE(hello_tells_who_answers),
	    CASE(a_hello_of_another_contract_is_refused),
	    CASE(a_bad_frame_closes_its_client_alone),
	    CASE(a_short_or_endless_frame_is_refused),
	    CASE(hello_must_come_first),
	    CASE(the_reason_arrives_although_more_was_sent),
	    CASE(requests_are_answered_with_what_was_done),
	    CASE(requests_sent_together_are_answered_in_order),
	    CASE(a_client_that_dies_leaves_sessions_and_others_alone),
	    CASE(a_ninth_client_is_refused),
	    CASE(events_have_a_sequence),
	    CASE(a_slow_client_loses_events_and_sees_the_gap),
	    CASE(a_live_socket_is_not_taken_over_but_a_dead_one_is),
	    CASE(the_socket_is_ours_alone_without_a_group),
	    cmocka_unit_test(nobody_there_is_told_by_the_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
