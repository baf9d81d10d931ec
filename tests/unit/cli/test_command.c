/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program itself, against a server that answers as the daemon would. */
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
#include <sys/wait.h>
#include <unistd.h>

#include "api/api.h"
#include "cli/command.h"

static char directory[] = "/tmp/sluice-cli-XXXXXX";
static char path[64];
static pthread_t thread;
static uv_loop_t loop;
static uv_async_t stop;
static struct api_server *server;

static void run_status(void *user, struct api_request *request, const json_t *args)
{
	(void)user;
	(void)args;
	api_answer(request, json_pack("{s:s, s:i}", "version", "9.9", "calls", 2));
}

static void run_call_list(void *user, struct api_request *request, const json_t *args)
{
	const char *after = json_string_value(json_object_get(args, "after"));

	(void)user;
	if (json_object_get(args, "peer"))
		api_answer(request, json_pack("{s:[O]}", "calls", args));
	else if (!after)
		api_answer(request, json_pack("{s:[{s:s}, {s:s}], s:s}", "calls", "id", "7f3a",
					      "id", "81bc", "next", "2"));
	else if (strcmp(after, "2") == 0) /* a page may be empty */
		api_answer(request, json_pack("{s:[], s:s}", "calls", "next", "3"));
	else
		api_answer(request, json_pack("{s:[{s:s}]}", "calls", "id", "9999"));
}

static void run_call_show(void *user, struct api_request *request, const json_t *args)
{
	const char *id = json_string_value(json_object_get(args, "id"));

	(void)user;
	if (strcmp(id, "7f3a") == 0)
		api_answer(request, json_pack("{s:s}", "id", id));
	else
		api_refuse(request, "no call %s: see 'sluicectl call list'", id);
}

static void run_hangup(void *user, struct api_request *request, const json_t *args)
{
	(void)user;
	(void)args;
	api_answer(request, NULL);
}

/* What came, so that the test sees it. */
static void run_capture(void *user, struct api_request *request, const json_t *args)
{
	json_t *copy = json_deep_copy(args);

	(void)user;
	json_object_set_new(
	    copy, "who",
	    json_boolean(api_person(request).uid == getuid() && api_person(request).pid != 0));
	api_answer(request, copy);
}

static void run_drain(void *user, struct api_request *request, const json_t *args)
{
	(void)user;
	api_answer(request, json_pack("{s:O, s:i}", "drain", args, "calls", 3));
}

static const struct api_command served[] = {
    {"status", false, run_status},       {"call list", false, run_call_list},
    {"call show", false, run_call_show}, {"call hangup", true, run_hangup},
    {"call capture", true, run_capture}, {"drain", true, run_drain},
};

static void stopped(uv_async_t *async)
{
	(void)async;
	api_server_close(server);
	uv_close((uv_handle_t *)&stop, NULL);
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
	if (!mkdtemp(directory))
		return -errno;
	snprintf(path, sizeof(path), "%s/s", directory);
	uv_loop_init(&loop);
	uv_async_init(&loop, &stop, stopped);
	if (api_server_open(&server, &loop, path, NULL, served, sizeof(served) / sizeof(served[0]),
			    NULL, error, sizeof(error)) < 0)
		return -1;
	return pthread_create(&thread, NULL, run_loop, NULL);
}

static int finish(void **state)
{
	(void)state;
	uv_async_send(&stop);
	pthread_join(thread, NULL);
	uv_loop_close(&loop);
	return rmdir(directory);
}

/* Runs sluicectl with a line of words, $S the socket and $D the directory; both outputs together.
 */
static int ctl(const char *line, char *output, size_t size)
{
	char command[1024];

	snprintf(command, sizeof(command), "S=%s; D=%s; (%s %s) 2>&1 </dev/null", path, directory,
		 getenv("SLUICECTL"), line);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	output[fread(output, 1, size - 1, pipe)] = '\0';
	return WEXITSTATUS(pclose(pipe));
}

#define TOP_WORDS                                                                             \
	"status\ncall\npeer\nregistration\nroute\nstats\ndrops\nban\nrecord\nlimit\nreload\n" \
	"drain\nundrain\nconfig\n"

static const struct {
	const char *line;
	enum cli_exit code;
	const char *output; /* begins with */
} facts[] = {
    {"-s $S status", CLI_DONE, "control plane  version 9.9"},
    {"status -s $S", CLI_DONE, "control plane  version 9.9"},
    {"--socket=$S -j status", CLI_DONE, "{\n  \"version\": \"9.9\",\n  \"calls\": 2\n}\n"},
    {"-s $S call show 7f3a", CLI_DONE, "call      7f3a"},
    {"-s $S call show 1", CLI_REFUSED,
     "sluicectl: call show: no call 1: see 'sluicectl call list'\n"},
    {"-s $S call list", CLI_DONE, "ID "},
    {"-s $S call list | tail -n 1", CLI_DONE, "3 calls\n"},
    {"-s $S -j call list | tr -d ' \\n'", CLI_DONE,
     "[{\"id\":\"7f3a\"},{\"id\":\"81bc\"},{\"id\":\"9999\"}]"},
    {"-s $S call list count=2 | tail -n 1", CLI_DONE, "2 calls\n"},
    {"-s $S -j call list older=60 peer=a state=early number=49? | tr -d ' \\n'", CLI_DONE,
     "[{\"older_s\":60,\"peer\":\"a\",\"state\":\"early\",\"number\":\"49?\",\"count\":200}]"},
    {"-s $S call list state=dead", CLI_USAGE,
     "sluicectl: call list: the argument is not state=early|answered|ending\n"},
    {"-s $S call list older=1h", CLI_USAGE,
     "sluicectl: call list: the argument is not older=SECONDS\n"},
    {"-s $S call list 7f3a", CLI_USAGE, "sluicectl: call list: the argument is not "},
    {"-s $S drain", CLI_DONE, "draining: no new calls, 3 left\n"},
    {"-s $S drain then=exit timeout=60", CLI_DONE,
     "draining: no new calls, 3 left, then the daemon ends\n"},
    {"-s $S -j drain --timeout=60 | tr -d ' \\n'", CLI_DONE,
     "{\"drain\":{\"timeout_s\":60},\"calls\":3}"},
    {"-s $S drain then=restart", CLI_USAGE,
     "sluicectl: drain: the argument is not then=stay|exit\n"},
    {"-s $S call hangup 7f3a", CLI_DONE, "hung up\n"},
    {"-s $S -j call hangup 7f3a", CLI_DONE, "null\n"},
    {"-s $S -j call capture 7f3a", CLI_DONE, "{\n  \"id\": \"7f3a\",\n  \"who\": true\n}\n"},
    {"-s $S -j call capture 7f3a wire 60", CLI_DONE,
     "{\n  \"id\": \"7f3a\",\n  \"mode\": \"wire\",\n  \"seconds\": 60,\n"},
    {"-s $S call capture 7f3a stop", CLI_DONE, "nothing is captured of this call\n"},
    {"-s $S call capture 7f3a all", CLI_USAGE,
     "sluicectl: call capture: the argument is not wire|decrypted|stop\n"},
    {"-s $S call capture 7f3a wire 1m", CLI_USAGE,
     "sluicectl: call capture: the argument is not SECONDS\n"},
    {"-s $S call capture 7f3a wire 1 2", CLI_USAGE,
     "sluicectl: usage: call capture ID [wire|decrypted|stop] [SECONDS]\n"},
    {"-s $S drops", CLI_REFUSED, "sluicectl: drops: no command 'drops'\n"},
    {"-s $S call show \"$(printf '\\377')\"", CLI_USAGE, "sluicectl: call show: the id is not"},
    {"-s $D/none status", CLI_UNREACHABLE, "sluicectl: /tmp/"},
    {"-s $S", CLI_USAGE, "usage: sluicectl"},
    {"-s $S call", CLI_USAGE, "sluicectl: no such command; there are:\n  call list"},
    {"-s $S stat", CLI_USAGE, "sluicectl: no such command; there are:\n  status"},
    {"-s $S call show", CLI_USAGE, "sluicectl: usage: call show ID\n"},
    {"-s $S call show 1 2", CLI_USAGE, "sluicectl: usage: call show ID\n"},
    {"-s $S status now", CLI_USAGE, "sluicectl: usage: status\n"},
    {"-s", CLI_USAGE, ""},
    {"--no-such-option", CLI_USAGE, ""},
    {"--version", CLI_DONE, "sluicectl " SLUICE_VERSION "\n"},
    {"--help", CLI_DONE, "usage: sluicectl"},
    {"call --help", CLI_DONE, "usage: sluicectl"},
    {"route test", CLI_USAGE, "sluicectl: usage: route test --from PEER --called NUMBER"},
    {"route test --from a --called", CLI_USAGE,
     "sluicectl: route test: a value is missing after --called\n"},
    {"route test --from a --called 1 --at noon", CLI_USAGE,
     "sluicectl: route test: cannot be understood: --at\n"},
    {"route test --from a --called 1 --header X", CLI_USAGE,
     "sluicectl: route test: cannot be understood: --header\n"},
    {"-s $S route test --from a --called 1", CLI_REFUSED,
     "sluicectl: route test: no command 'route test'\n"},
    {"route test --from a --called 1 --config /dev/null", CLI_REFUSED, "/dev/null:1: empty"},
    {"config check $D/none.yaml", CLI_REFUSED, "/tmp/"},
    {"-j config check /dev/null", CLI_REFUSED, "{\n  \"file\": \"/dev/null\",\n  \"ok\": false,"},
    {"--complete ''", CLI_DONE, TOP_WORDS},
    {"--complete st", CLI_DONE, "status\nstats\n"},
    {"--complete call ''", CLI_DONE, "list\nshow\nhangup\ncapture\n"},
    {"--complete -j call h", CLI_DONE, "hangup\n"},
    {"--complete -s $S call show ''", CLI_DONE, "7f3a\n81bc\n"},
    {"--complete -s $S call show 8", CLI_DONE, "81bc\n"},
    {"--complete -s $D/none call show ''", CLI_DONE, ""},
    {"--complete -s ''", CLI_DONE, ""},
    {"--complete drain ''", CLI_DONE, "timeout=\nthen=\n"},
    {"--complete drain then=e", CLI_DONE, "exit\n"},
    {"--complete record ''", CLI_DONE, "list\nrotate\n"},
    {"-s $S record list x", CLI_USAGE, "sluicectl: record list: the argument is not COUNT\n"},
    {"--complete -s $S call capture 8", CLI_DONE, "81bc\n"},
    {"--complete call capture 81bc ''", CLI_DONE, "wire\ndecrypted\nstop\n"},
    {"--complete call capture 81bc d", CLI_DONE, "decrypted\n"},
    {"--complete call capture 81bc stop ''", CLI_DONE, ""},
    {"--complete call show 7f3a ''", CLI_DONE, ""},
    {"--complete a b c d e f g h i j", CLI_DONE, ""},
    {"--complete", CLI_DONE, ""},
    {"-s $S status >/dev/full", CLI_REFUSED, "sluicectl: output: "},
};

static void lines_end_with_the_output_and_code_of_the_table(void **state)
{
	char output[8192];

	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		int code = ctl(facts[i].line, output, sizeof(output));

		if (code != (int)facts[i].code ||
		    strncmp(output, facts[i].output, strlen(facts[i].output)) != 0)
			fail_msg("%s: %d\n%s", facts[i].line, code, output);
	}
}

static void completion_offers_nothing_twice_and_nothing_else(void **state)
{
	char output[8192];

	(void)state;
	ctl("--complete ''", output, sizeof(output));
	assert_string_equal(output, TOP_WORDS);
	ctl("--complete peer x", output, sizeof(output));
	assert_string_equal(output, "");
}

static void every_command_does_one_thing_and_has_help(void **state)
{
	(void)state;
	for (unsigned i = 0; i < command_count; i++) {
		assert_int_equal((commands[i].view != NULL) + (commands[i].run != NULL) +
				     (commands[i].pages != NULL),
				 1);
		assert_true(strlen(commands[i].help) > 0 && strlen(commands[i].help) <= 80 - 24);
		assert_true(strlen(commands[i].name) < 21);
	}
}

static void the_manual_tells_of_every_command(void **state)
{
	char *text = malloc(65536), wanted[64];
	FILE *file = fopen(getenv("MANUAL"), "r");

	(void)state;
	assert_non_null(file);
	text[fread(text, 1, 65535, file)] = '\0';
	fclose(file);
	for (unsigned i = 0; i < command_count; i++) {
		snprintf(wanted, sizeof(wanted), "\n*%s*", commands[i].name);
		if (!strstr(text, wanted))
			fail_msg("%s is not in %s", commands[i].name, getenv("MANUAL"));
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_end_with_the_output_and_code_of_the_table),
	    cmocka_unit_test(completion_offers_nothing_twice_and_nothing_else),
	    cmocka_unit_test(every_command_does_one_thing_and_has_help),
	    cmocka_unit_test(the_manual_tells_of_every_command),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
