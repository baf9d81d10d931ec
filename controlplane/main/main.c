/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice-controlplane: reads its configuration, binds everything, gives up its rights, serves. What
 * can be refused is refused before the first message is answered; exit codes: 0 stopped by a signal
 * or nothing wrong, 1 refused, 2 usage.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "main/check.h"
#include "main/daemon.h"
#include "main/log.h"
#include "main/notify.h"
#include "main/privileges.h"
#include "main/reload.h"
#include "tls/tls.h"

#define BYE_MS 5000U /* that the peers have to answer our BYEs */

enum exit_code { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };
enum action { ACTION_RUN, ACTION_CHECK };

/* ---- modes ---- */

bool daemon_uses_mode(const struct config *config, enum security_mode mode)
{
	for (unsigned i = 0; i < config->peer_count; i++)
		if (config->peers[i].dial_plan->security == mode)
			return true;
	return false;
}

void daemon_modes(const struct config *config, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (enum security_mode mode = SECURITY_UNSECURED; mode <= SECURITY_SECURED; mode++)
		if (daemon_uses_mode(config, mode) && length < size)
			length += (size_t)snprintf(text + length, size - length, "%s%s",
						   length ? ", " : "", security_mode_name(mode));
}

void daemon_log_level(const struct daemon *daemon)
{
	static const enum log_level levels[] = {
	    [CONFIG_LOG_ERROR] = LOG_LEVEL_ERROR,
	    [CONFIG_LOG_WARNING] = LOG_LEVEL_WARNING,
	    [CONFIG_LOG_INFO] = LOG_LEVEL_INFO,
	    [CONFIG_LOG_DEBUG] = LOG_LEVEL_DEBUG,
	};

	log_set_level(daemon->debug ? LOG_LEVEL_DEBUG : levels[daemon->config->log_level]);
}

unsigned daemon_calls_most(const struct config *config)
{
	/* a call that has ended keeps its place until its counters are here */
	return config->max_calls + EMERGENCY_SPARE + config->max_calls / 16;
}

/* ---- stopping ---- */

static void closed(uv_handle_t *handle, void *user)
{
	(void)user;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void drained(void *user)
{
	struct daemon *daemon = user;

	api_server_close(daemon->api);
	daemon->api = NULL;
	uv_stop(&daemon->loop);
}

void daemon_stop(struct daemon *daemon)
{
	if (daemon->ending) {
		drained(daemon);
		return;
	}
	daemon->stopping = true;
	daemon->ending = true;
	notify_service("STOPPING=1");
	log_event(LOG_NOTE, "ending %u calls", b2bua_calls(daemon->b2bua));
	b2bua_drain(daemon->b2bua, BYE_MS, drained, daemon);
}

/* Asked once, calls get the time that is configured; twice: BYE; three times: no more waiting. */
static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;
	unsigned drain_s = daemon->config->stop_drain_s;

	if (number == SIGHUP) {
		if (daemon->records)
			records_reopen(daemon->records);
		if (!daemon->stopping)
			reload_begin(daemon, NULL);
		return;
	}
	log_event(LOG_NOTE, "%s", strsignal(number));
	if (drain_s && !daemon->stopping && b2bua_calls(daemon->b2bua) > 0) {
		daemon->stopping = true;
		notify_service("STOPPING=1");
		drain_begin(daemon, drain_s, DRAIN_THEN_EXIT);
	} else {
		daemon_stop(daemon);
	}
}

/* ---- starting ---- */

static int open_signals(struct daemon *daemon)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

	signal(SIGPIPE, SIG_IGN);
	for (unsigned i = 0; i < 3; i++) {
		uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		if (uv_signal_start(&daemon->signals[i], on_signal, numbers[i]) < 0)
			return -EIO;
	}
	return 0;
}

/* Everything that needs rights: ports, private keys, the control socket. */
static int bind_all(struct daemon *daemon, char *error, size_t size)
{
	const struct config *config = daemon->config;
	int rc = config_secrets_load(daemon->config, error, size);

	if (rc == 0)
		rc = tls_start(error, size);

	if (rc == 0)
		rc = net_open(&daemon->net, &daemon->loop, config, &b2bua_net_ops, daemon->b2bua,
			      error, size);
	if (rc == 0)
		rc = api_server_open(&daemon->api, &daemon->loop, config->control_socket,
				     config->control_group, operator_commands,
				     operator_command_count, daemon, error, size);
	if (rc == 0)
		rc = privileges_give(config->control_socket, config->user, error, size);
	return rc;
}

static int open_records(struct daemon *daemon, char *error, size_t size)
{
	const struct config *config = daemon->config;
	const struct records_config records = {
	    .path = config->record_file,
	    .bytes = (uint64_t)config->record_file_mib << 20,
	    .age_s = config->record_file_hours * 3600,
	    .keep = config->record_files,
	    .calls = daemon_calls_most(config),
	};
	int rc;

	if (!config->record_file)
		return 0;
	rc = records_open(&daemon->records, &records, error, size);
	if (rc == 0)
		b2bua_record(daemon->b2bua, daemon->records);
	return rc;
}

static int start(struct daemon *daemon, char *error, size_t size)
{
	const struct config *config = daemon->config;
	int rc;

	privileges_raise_limits(config->max_calls);
	snprintf(error, size, "out of memory or event handles");
	if (open_signals(daemon) < 0 || measure_open(daemon) < 0)
		return -EIO;
	drain_init(daemon);
	rc = b2bua_new(&daemon->b2bua, &daemon->loop, config);
	if (rc == 0)
		rc = bind_all(daemon, error, size);
	if (rc == 0)
		rc = privileges_drop(config->user, error, size);
	if (rc == 0) /* as the user that will rotate them */
		rc = open_records(daemon, error, size);
	if (rc == 0) {
		snprintf(error, size, "out of memory");
		rc = media_open(&daemon->media, &daemon->loop, config->media_socket,
				&b2bua_media_ops, daemon->b2bua);
	}
	if (rc == 0)
		b2bua_attach(daemon->b2bua, daemon->net, daemon->media);
	if (rc == 0)
		b2bua_shed(daemon->b2bua, &daemon->measure.overload);
	return rc;
}

static void stop(struct daemon *daemon)
{
	daemon->closed = true;
	measure_close(daemon);
	api_server_close(daemon->api);
	media_close(daemon->media);
	b2bua_free(daemon->b2bua);
	records_close(daemon->records);
	net_close(daemon->net);
	for (unsigned i = 0; i < 3; i++)
		if (daemon->signals[i].data)
			uv_close((uv_handle_t *)&daemon->signals[i], NULL);
	if (daemon->drain.timer.data)
		uv_close((uv_handle_t *)&daemon->drain.timer, NULL);
	uv_run(&daemon->loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&daemon->loop) == UV_EBUSY) {
		uv_walk(&daemon->loop, closed, NULL);
		uv_run(&daemon->loop, UV_RUN_DEFAULT);
		uv_loop_close(&daemon->loop);
	}
}

static void say_started(const struct daemon *daemon)
{
	const struct config *config = daemon->config;
	char modes[64];

	log_event(LOG_STARTED, "sluice-controlplane %s, %s: %u listeners, %u peers, %u routes",
		  SLUICE_VERSION, config->path, config->listener_count, config->peer_count,
		  config->route_count);
	daemon_modes(config, modes, sizeof(modes));
	log_event(LOG_MODE, "security modes in use: %s", modes[0] ? modes : "none (no peer)");
	for (unsigned i = 0; i < config->dial_plan_count; i++)
		log_event(LOG_MODE, "dial plan %s: %s%s", config->dial_plans[i].name,
			  security_mode_name(config->dial_plans[i].security),
			  config->dial_plans[i].allow_downgrade
			      ? ", may be joined to less secure legs"
			      : "");
}

static int run(struct config *config, bool debug)
{
	struct daemon daemon = {.config = config, .debug = debug};
	char error[512] = "";
	int rc;

	if (uv_loop_init(&daemon.loop) < 0)
		return EXIT_REFUSED;
	daemon.started_ms = uv_now(&daemon.loop);
	daemon_log_level(&daemon);
	rc = start(&daemon, error, sizeof(error));
	if (rc == 0) {
		say_started(&daemon);
		notify_service("READY=1");
		uv_run(&daemon.loop, UV_RUN_DEFAULT);
	} else {
		log_event(LOG_CONFIG_REFUSED, "not started: %s", error);
	}
	stop(&daemon);
	if (rc == 0)
		log_event(LOG_STOPPED, "sluice-controlplane stopped");
	return rc == 0 ? EXIT_DONE : EXIT_REFUSED;
}

/* ---- command line ---- */

static void usage(FILE *out)
{
	fprintf(out, "usage: sluice-controlplane [--config FILE] [--check] [--debug] [--version] "
		     "[--help]\n"
		     "  -c, --config FILE  configuration (default " CONFIG_PATH ")\n"
		     "  -t, --check        read the configuration, say what is wrong, and stop\n"
		     "  -d, --debug        write debug lines to the log (never keys or bodies)\n"
		     "  -V, --version      say the version and stop\n"
		     "  -h, --help         say this and stop\n");
}

static void report(void *user, const char *text)
{
	(void)user;
	log_event(LOG_CONFIG_REFUSED, "%s", text);
}

static int load_and(enum action action, const char *path, bool debug)
{
	struct config *config = config_load(path, report, NULL);
	int code = EXIT_DONE;

	if (!config)
		return EXIT_REFUSED;
	for (unsigned i = 0; i < config->warning_count; i++)
		log_event(LOG_CONFIG_WARNING, "%s", config->warnings[i]);
	if (action == ACTION_RUN)
		code = run(config, debug);
	else if (check_certificates(config) > 0)
		code = EXIT_REFUSED;
	else
		printf("%s: nothing wrong\n", path);
	config_free(config);
	return code;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 't'},
	    {"debug", no_argument, NULL, 'd'},        {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},         {0},
	};
	const char *path = CONFIG_PATH;
	enum action action = ACTION_RUN;
	bool debug = false;
	int option;

	while ((option = getopt_long(argc, argv, "c:tdVh", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 't':
			action = ACTION_CHECK;
			break;
		case 'd':
			debug = true;
			break;
		case 'V':
			printf("sluice-controlplane %s\n", SLUICE_VERSION);
			return EXIT_DONE;
		case 'h':
			usage(stdout);
			return EXIT_DONE;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		usage(stderr);
		return EXIT_USAGE;
	}
	return load_and(action, path, debug);
}
