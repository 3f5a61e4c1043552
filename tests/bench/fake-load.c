/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A load generator as the conductor may meet it: right, or wrong in the way that FAKE_LOAD names.
 * What it reports is invented, but adds up. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lds-clock.h"
#include "lds-histogram.h"

#define N_FRAMES 4

static const char *mode;

static int
is_mode (const char *name)
{
  return strcmp (mode, name) == 0;
}

static void
print_phase (const char *phase)
{
  printf ("{\"event\":\"phase\",\"phase\":\"%s\",\"t_ns\":%" PRId64 "}\n", phase, lds_clock_now_ns ());
}

/* Of a hundred messages a frame, each to ten members. */
static void
print_deliveries (const char *encoded)
{
  if (is_mode ("stream"))
    printf (",\"deliveries\":1000,\"delivery\":\"%s\"", encoded);
  if (is_mode ("bad-delivery"))
    printf (",\"deliveries\":1000,\"delivery\":\"HIST\"");
  if (is_mode ("bad-deliveries"))
    printf (",\"deliveries\":-1,\"delivery\":\"%s\"", encoded);
}

static void
print_frame (const char *phase,
             const char *encoded)
{
  /* One interval a tenth of a second, told as fast as they can be. */
  printf ("{\"event\":\"frame\",\"t_ns\":%" PRId64
          ",\"interval_ns\":100000000,\"phase\":\"%s\",\"sent\":100,\"done\":100,\"errors\":0,"
          "\"in_flight\":1,\"max_schedule_lag_ns\":5,\"client_cpu_ns\":5,\"response\":\"%s\",\"service\":\"%s\"",
          lds_clock_now_ns (), phase, encoded, encoded);
  print_deliveries (encoded);
  puts ("}");
  fflush (stdout);
}

static void
print_result (const char *encoded)
{
  const char *figures = "{\"min\":1000,\"mean\":1000,\"stddev\":0,\"p50\":1000,\"p75\":1000,\"p90\":1000,"
                        "\"p99\":1000,\"p99_9\":1000,\"p99_99\":1000,\"max\":1000}";

  printf ("{\"event\":\"result\",\"engine\":\"fake\",\"mode\":\"closed\",\"connections\":1,\"threads\":1,"
          "\"duration_s\":%s,\"requests\":400,\"target_rate\":0,\"achieved_rate\":1000,\"rate_ratio\":1,"
          "\"error_rate\":0,\"max_schedule_lag_us\":5,\"latency_us\":%s,\"service_time_us\":%s,"
          "\"schedule_lag_us\":%s,\"status_codes\":{\"200\":400},\"errors\":{\"connect\":0,\"timeout\":%d},"
          "\"bytes_received\":400,\"ended_early\":%s,\"client_cpu_seconds\":0.1,\"client_cpu_fraction\":0.25,%s"
          "\"latency_histogram\":\"%s\",\"service_time_histogram\":\"%s\",\"schedule_lag_histogram\":\"%s\"",
          is_mode ("bad-result") ? "\"long\"" : "0.4", figures, figures, figures,
          is_mode ("invalid") ? 3 : 0, is_mode ("stopped") ? "true" : "false",
          is_mode ("invalid")
              ? "\"valid\":false,\"invalid_reasons\":[{\"code\":\"errors\",\"text\":\"Too many.\"}],"
              : "\"valid\":true,\"invalid_reasons\":[],",
          is_mode ("bad-histogram") ? "HIST" : encoded, encoded, encoded);
  if (is_mode ("stream"))
    printf (",\"stream\":{\"mode\":\"broadcast\",\"payload_bytes\":64,\"members\":10,\"messages\":400,"
            "\"deliveries\":4000,\"expected\":4000,\"reach\":1,\"missed_ticks\":0,\"unstamped\":0,\"cut\":0,"
            "\"delivery_us\":%s,\"delivery_histogram\":\"%s\"}",
            figures, encoded);
  puts ("}");
  fflush (stdout);
}

/* The one request that a server of mode "die" waits for. */
static void
touch_server (const char *plan)
{
  const char *port = strstr (plan, "127.0.0.1:");
  struct sockaddr_in address = {.sin_family = AF_INET};
  int fd = socket (AF_INET, SOCK_STREAM, 0);
  char byte;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  address.sin_port = htons ((uint16_t)atoi (port + strlen ("127.0.0.1:")));
  if (connect (fd, (struct sockaddr *)&address, sizeof address) == 0 && write (fd, "x", 1) == 1 &&
      read (fd, &byte, 1) < 0)
    perror ("fake-load");
  close (fd);
}

static void
wait_for_end_of_input (void)
{
  char buffer[256];

  while (read (STDIN_FILENO, buffer, sizeof buffer) > 0)
    ;
}

/* Kept reachable to the end, so that no exit leaks them. */
static LdsHistogram *histogram;
static char *encoded;

int
main (void)
{
  static char plan[65536];

  histogram = lds_histogram_new ();
  mode = getenv ("FAKE_LOAD") != NULL ? getenv ("FAKE_LOAD") : "right";
  for (int i = 0; i < 400; i++)
    lds_histogram_record (histogram, 1000000);
  encoded = lds_histogram_encode (histogram);

  if (is_mode ("exit-early"))
    {
      fputs ("no plan for me\n", stderr);
      return 4;
    }
  if (read (STDIN_FILENO, plan, sizeof plan - 1) <= 0)
    return 1;
  if (is_mode ("error"))
    {
      puts ("{\"event\":\"error\",\"message\":\"cannot connect\"}");
      fflush (stdout);
      wait_for_end_of_input ();
      return 1;
    }
  if (is_mode ("frame-first"))
    print_frame ("measure", encoded);
  if (is_mode ("not-json"))
    puts ("hello");
  if (is_mode ("array"))
    puts ("[1]");
  if (is_mode ("nul"))
    fwrite ("{\"a\0b\":1}\n", 1, 10, stdout);
  if (is_mode ("no-event"))
    puts ("{\"t_ns\":1}");
  if (is_mode ("bad-time"))
    puts ("{\"event\":\"started\",\"engine\":\"fake\",\"threads\":1,\"t_ns\":9000000000000000000}");
  if (is_mode ("flood"))
    for (;;)
      putchar ('{');
  printf ("{\"event\":\"started\",\"engine\":\"fake\",\"threads\":1,\"t_ns\":%" PRId64 "}\n", lds_clock_now_ns ());
  puts ("{\"event\":\"from a later version\"}");
  print_phase ("warm-up");
  print_frame ("warm-up", encoded);
  if (is_mode ("bad-frame"))
    print_frame ("measure\",\"interval_ns\":-1,\"x\":\"", encoded);
  print_phase ("measure");
  touch_server (plan);
  for (int i = 0; i < N_FRAMES; i++)
    print_frame ("measure", encoded);
  for (int i = 0; is_mode ("slow") && i < 20; i++)
    {
      usleep (50000);
      print_frame ("measure", encoded);
      fflush (stdout);
    }
  if (is_mode ("die"))
    raise (SIGKILL);
  if (is_mode ("stay"))
    wait_for_end_of_input ();
  for (int i = 0; is_mode ("many-frames") && i < 1000000; i++)
    print_frame ("measure", encoded);
  print_phase ("drain");
  if (is_mode ("no-result"))
    return 0;
  print_result (encoded);
  if (!is_mode ("linger"))
    return 0;
  wait_for_end_of_input ();
  return 0;
}
