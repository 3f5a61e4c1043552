/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a profile, strictly: an unknown member is a figure that somebody believes to be in force. */
#include "lds-profile.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_CHARACTERS 200
#define NOTE_CHARACTERS 4000
#define GIBIBYTE        1073741824.0

typedef enum
{
  TEXT,   /* minimum to maximum characters, none of them a control character */
  ID,     /* lower-case letters, digits, "-" and "." */
  CODES,  /* an array of models' codes such as "M6a", minimum to maximum */
  KIND,   /* claim, measured or derived */
  DATE,   /* 2026-11-21 */
  FIGURE, /* a number */
  WHOLE,  /* a whole number */
  OBJECT, /* for people and for who calibrates: not looked into */
  LIST,   /* of objects, likewise */
} Type;

/* Where a member is. */
enum
{
  TOP,
  PROVENANCE,
  COST,
  MEMORY,
  STARTUP,
  CALIBRATION,
  N_SECTIONS,
};

static const struct
{
  const char *name;
  bool required;
} sections[N_SECTIONS] = {
    [PROVENANCE] = {"provenance", true},
    [COST] = {"cost", true},
    [MEMORY] = {"memory", false},
    [STARTUP] = {"startup", false},
    [CALIBRATION] = {"calibration", false},
};

#define NOWHERE SIZE_MAX

static const struct
{
  int section;
  const char *name;
  Type type;
  bool required;
  double minimum, maximum;
  size_t offset; /* in LdsProfile; NOWHERE for what people read */
} members[] = {
#define AT(member) offsetof (LdsProfile, member)
    {TOP, "version", WHOLE, true, 1, 1, NOWHERE},
    {TOP, "id", ID, true, 1, LDS_PROFILE_ID_BYTES - 1, AT (id)},
    {TOP, "title", TEXT, true, 1, TEXT_CHARACTERS, NOWHERE},
    {TOP, "runtime", TEXT, true, 1, TEXT_CHARACTERS, NOWHERE},
    {TOP, "framework", TEXT, true, 1, TEXT_CHARACTERS, NOWHERE},
    {TOP, "models", CODES, true, 1, 16, NOWHERE},
    {TOP, "free_threading_tax_percent", FIGURE, false, 0, 100, AT (free_threading_tax_percent)},
    {PROVENANCE, "source", TEXT, true, 1, TEXT_CHARACTERS, NOWHERE},
    {PROVENANCE, "machine", TEXT, true, 1, TEXT_CHARACTERS, NOWHERE},
    {PROVENANCE, "date", DATE, true, 0, 0, NOWHERE},
    {PROVENANCE, "kind", KIND, true, 0, 0, NOWHERE},
    {PROVENANCE, "note", TEXT, true, 1, NOTE_CHARACTERS, NOWHERE},
    {COST, "request_total_ns", FIGURE, false, 0, 1e9, AT (request_total_ns)},
    {COST, "request_ns", FIGURE, false, 0, 1e9, AT (request_ns)},
    {COST, "request_byte_ns", FIGURE, false, 0, 1e6, AT (request_byte_ns)},
    {COST, "response_byte_ns", FIGURE, false, 0, 1e6, AT (response_byte_ns)},
    {COST, "json_byte_ns", FIGURE, false, 0, 1e6, AT (json_byte_ns)},
    {COST, "body_ns", FIGURE, false, 0, 1e9, AT (body_ns)},
    {COST, "turn_ns", FIGURE, false, 0, 1e9, AT (turn_ns)},
    {COST, "timer_ns", FIGURE, false, 0, 1e9, AT (timer_ns)},
    {COST, "message_total_ns", FIGURE, false, 0, 1e9, AT (message_total_ns)},
    {COST, "message_ns", FIGURE, false, 0, 1e9, AT (message_ns)},
    {COST, "compute_ratio", FIGURE, false, 1, 10000, AT (compute_ratio)},
    {COST, "integer_ratio", FIGURE, false, 1, 10000, AT (integer_ratio)},
    {COST, "native_ratio", FIGURE, false, 1, 10000, AT (native_ratio)},
    {COST, "call_ns", FIGURE, false, 0, 1e9, AT (call_ns)},
    {COST, "database_ns", FIGURE, false, 0, 1e9, AT (database_ns)},
    {COST, "dispatch_ns", FIGURE, false, 0, 1e9, AT (dispatch_ns)},
    {COST, "worker_spawn_ns", FIGURE, false, 0, 6e10, AT (worker_spawn_ns)},
    {COST, "pause_ns", FIGURE, false, 0, 1e10, AT (pause_ns)},
    {COST, "pause_requests", FIGURE, false, 0, 1e9, AT (pause_requests)},
    {COST, "broad_pace_hz", FIGURE, false, 0, 1e12, AT (broad_pace_hz)},
    {COST, "narrow_pace_hz", FIGURE, false, 0, 1e12, AT (narrow_pace_hz)},
    {MEMORY, "base_rss_bytes", WHOLE, false, 0, 4 * GIBIBYTE, AT (base_rss_bytes)},
    {MEMORY, "connection_bytes", WHOLE, false, 0, GIBIBYTE / 64, AT (connection_bytes)},
    {MEMORY, "worker_rss_bytes", WHOLE, false, 0, 4 * GIBIBYTE, AT (worker_rss_bytes)},
    {MEMORY, "loaded_rss_bytes", WHOLE, false, 0, 4 * GIBIBYTE, AT (loaded_rss_bytes)},
    {MEMORY, "loaded_requests", FIGURE, false, 0, 1e9, AT (loaded_requests)},
    {STARTUP, "cpu_ns", FIGURE, false, 0, 6e10, AT (startup_cpu_ns)},
    {CALIBRATION, "loadstone", TEXT, true, 1, TEXT_CHARACTERS, NOWHERE},
    {CALIBRATION, "cpu_model", TEXT, true, 1, TEXT_CHARACTERS, NOWHERE},
    {CALIBRATION, "cpu_work_ns", FIGURE, true, 1, 1e12, NOWHERE},
    {CALIBRATION, "runs", WHOLE, true, 1, 1000, NOWHERE},
    {CALIBRATION, "figures", OBJECT, true, 0, 0, NOWHERE},
    {CALIBRATION, "residuals", LIST, true, 0, 0, NOWHERE},
#undef AT
};

#define N_MEMBERS (sizeof members / sizeof *members)

/* What is being read, and where to say what is wrong with it. */
typedef struct
{
  const char *path;
  LdsProfile *profile;
  char *message;
  size_t message_bytes;
} Reader;

__attribute__ ((format (printf, 2, 3))) static bool
refuse (const Reader *reader,
        const char *format,
        ...)
{
  char what[LDS_PROFILE_MESSAGE_BYTES];
  va_list args;

  va_start (args, format);
  vsnprintf (what, sizeof what, format, args);
  va_end (args);
  snprintf (reader->message, reader->message_bytes, "the profile \"%.200s\" %s", reader->path, what);
  return false;
}

static bool
is_id (const char *text)
{
  size_t length = strlen (text);

  return length >= 1 && length < LDS_PROFILE_ID_BYTES && text[0] != '.' &&
         strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length;
}

/* "2026-11-21": the form, and that month and day are possible. */
static bool
is_date (const char *text)
{
  if (strlen (text) != 10)
    return false;
  for (int i = 0; i < 10; i++)
    if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
      return false;
  return atoi (text + 5) >= 1 && atoi (text + 5) <= 12 && atoi (text + 8) >= 1 &&
         atoi (text + 8) <= 31;
}

static bool
is_text (const char *text,
         double maximum)
{
  size_t characters = 0;

  for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
    {
      if (*p < 0x20 || *p == 0x7f)
        return false;
      /* Of each UTF-8 sequence, the first byte. */
      if ((*p & 0xc0) != 0x80)
        characters++;
    }
  return characters >= 1 && (double)characters <= maximum;
}

static bool
is_list_of_codes (const json_t *array,
                  double maximum)
{
  size_t n = json_array_size (array);

  for (size_t i = 0; i < n; i++)
    {
      const char *code = json_string_value (json_array_get (array, i));

      if (code == NULL || code[0] != 'M' || code[1] < '1' || code[1] > '9' ||
          (code[2] != '\0' && (code[2] < 'a' || code[2] > 'z' || code[3] != '\0')))
        return false;
    }
  return n >= 1 && (double)n <= maximum;
}

static bool
is_list_of_objects (const json_t *array)
{
  for (size_t i = 0; i < json_array_size (array); i++)
    if (!json_is_object (json_array_get (array, i)))
      return false;
  return json_is_array (array);
}

/* Returns whether @value is what the member allows; takes it if so. */
static bool
read_value (LdsProfile *profile,
            size_t index,
            const json_t *value)
{
  void *to = (char *)profile + members[index].offset;
  const char *text = json_string_value (value);
  double number = json_number_value (value);

  switch (members[index].type)
    {
    case TEXT:
      return text != NULL && is_text (text, members[index].maximum);
    case KIND:
      return text != NULL && (strcmp (text, "claim") == 0 || strcmp (text, "measured") == 0 ||
                              strcmp (text, "derived") == 0);
    case DATE:
      return text != NULL && is_date (text);
    case ID:
      if (text == NULL || !is_id (text))
        return false;
      memcpy (to, text, strlen (text) + 1);
      return true;
    case CODES:
      return is_list_of_codes (value, members[index].maximum);
    case OBJECT:
      return json_is_object (value);
    case LIST:
      return is_list_of_objects (value);
    case FIGURE:
    case WHOLE:
      if (!json_is_number (value) || number < members[index].minimum ||
          number > members[index].maximum)
        return false;
      if (members[index].type == WHOLE && floor (number) < number)
        return false;
      if (members[index].offset == NOWHERE)
        return true;
      if (members[index].type == FIGURE)
        *(double *)to = number;
      else
        *(int64_t *)to = (int64_t)number;
      return true;
    default:
      return false;
    }
}

/* What a member must be, in words. */
static void
describe (size_t index,
          char *words,
          size_t words_bytes)
{
  switch (members[index].type)
    {
    case TEXT:
      snprintf (words, words_bytes, "text of 1 to %.0f characters on one line", members[index].maximum);
      break;
    case KIND:
      snprintf (words, words_bytes, "\"claim\", \"measured\" or \"derived\"");
      break;
    case DATE:
      snprintf (words, words_bytes, "a date such as \"2026-11-21\"");
      break;
    case ID:
      snprintf (words, words_bytes, "1 to %d lower-case letters, digits, \"-\" and \".\"", LDS_PROFILE_ID_BYTES - 1);
      break;
    case CODES:
      snprintf (words, words_bytes, "a list of 1 to %.0f codes of models such as \"M6a\"", members[index].maximum);
      break;
    case OBJECT:
      snprintf (words, words_bytes, "an object");
      break;
    case LIST:
      snprintf (words, words_bytes, "a list of objects");
      break;
    case FIGURE:
      snprintf (words, words_bytes, "a number from %.0f to %.0f", members[index].minimum, members[index].maximum);
      break;
    case WHOLE:
    default:
      snprintf (words, words_bytes, "a whole number from %.0f to %.0f", members[index].minimum, members[index].maximum);
      break;
    }
}

/* "cost.timer_ns", or "title" for what is at the top. */
static void
name_member (int section,
             const char *name,
             char *path,
             size_t path_bytes)
{
  snprintf (path, path_bytes, "%s%s%.64s", section == TOP ? "" : sections[section].name,
            section == TOP ? "" : ".", name);
}

static bool
is_section (const char *name)
{
  for (int i = TOP + 1; i < N_SECTIONS; i++)
    if (strcmp (sections[i].name, name) == 0)
      return true;
  return false;
}

static bool
read_section (const Reader *reader,
              int section,
              json_t *object)
{
  const char *key;
  char path[128], words[128];
  json_t *value;

  json_object_foreach (object, key, value)
  {
    size_t i = 0;

    if (section == TOP && is_section (key))
      continue;
    while (i < N_MEMBERS && (members[i].section != section || strcmp (members[i].name, key) != 0))
      i++;
    name_member (section, key, path, sizeof path);
    if (i == N_MEMBERS)
      return refuse (reader, "has a member \"%s\" that profiles do not have; leave it out or correct its name.",
                     path);
    if (read_value (reader->profile, i, value))
      continue;
    describe (i, words, sizeof words);
    return refuse (reader, "has a member \"%s\" that is not %s.", path, words);
  }
  for (size_t i = 0; i < N_MEMBERS; i++)
    if (members[i].section == section && members[i].required &&
        json_object_get (object, members[i].name) == NULL)
      {
        name_member (section, members[i].name, path, sizeof path);
        describe (i, words, sizeof words);
        return refuse (reader, "lacks the member \"%s\": %s.", path, words);
      }
  return true;
}

static bool
read_profile (const Reader *reader,
              json_t *root)
{
  *reader->profile = (LdsProfile){
      .compute_ratio = 1,
      .free_threading_tax_percent = -1,
      .worker_rss_bytes = -1,
      .integer_ratio = -1,
      .native_ratio = -1,
  };
  if (!json_is_object (root))
    return refuse (reader, "is not a JSON object.");
  if (!read_section (reader, TOP, root))
    return false;
  for (int i = TOP + 1; i < N_SECTIONS; i++)
    {
      json_t *object = json_object_get (root, sections[i].name);

      if (object == NULL && !sections[i].required)
        continue;
      if (!json_is_object (object))
        return refuse (reader, "%s the member \"%s\": an object.", object == NULL ? "lacks" : "has something else as",
                       sections[i].name);
      if (!read_section (reader, i, object))
        return false;
    }
  if (reader->profile->worker_rss_bytes < 0)
    reader->profile->worker_rss_bytes = reader->profile->base_rss_bytes;
  if (reader->profile->integer_ratio < 0)
    reader->profile->integer_ratio = reader->profile->compute_ratio;
  if (reader->profile->native_ratio < 0)
    reader->profile->native_ratio = reader->profile->compute_ratio;
  return true;
}

/* Returns how many bytes of @path are in @text (of LDS_PROFILE_MAX_FILE_BYTES), or -1. */
static ssize_t
read_file (const Reader *reader,
           char *text)
{
  /* Not to wait for somebody to write to a pipe. */
  int fd = open (reader->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  ssize_t length = 0, n = 1;

  if (fd < 0 || fstat (fd, &status) < 0)
    {
      refuse (reader, "cannot be opened: %s; \"loadstone-cli profiles\" lists those that come with Loadstone.",
              strerror (errno));
      if (fd >= 0)
        close (fd);
      return -1;
    }
  if (!S_ISREG (status.st_mode))
    {
      refuse (reader, "is not a file.");
      close (fd);
      return -1;
    }
  while (n > 0 && length <= LDS_PROFILE_MAX_FILE_BYTES)
    {
      n = read (fd, text + length, (size_t)(LDS_PROFILE_MAX_FILE_BYTES + 1 - length));
      if (n > 0)
        length += n;
    }
  close (fd);
  if (n < 0)
    {
      refuse (reader, "cannot be read: %s.", strerror (errno));
      return -1;
    }
  if (length > LDS_PROFILE_MAX_FILE_BYTES)
    {
      refuse (reader, "is larger than %d bytes; a profile has a few hundred.", LDS_PROFILE_MAX_FILE_BYTES);
      return -1;
    }
  return length;
}

void
lds_profile_scale (LdsProfile *self,
                   double factor)
{
  static const char unit[] = "_ns";

  if (self->broad_pace_hz > 0)
    return;
  for (size_t i = 0; i < N_MEMBERS; i++)
    {
      size_t length = strlen (members[i].name);
      char *figure = (char *)self + members[i].offset;

      /* A time per byte is one, too. */
      if (members[i].type == FIGURE && members[i].offset != NOWHERE && length > strlen (unit) &&
          strcmp (members[i].name + length - strlen (unit), unit) == 0)
        *(double *)(void *)figure *= factor;
    }
}

bool
lds_profile_load (const char *name,
                  LdsProfile *self,
                  char *message,
                  size_t message_bytes)
{
  size_t name_bytes = strlen (name);
  const char *folder = getenv ("LOADSTONE_PROFILES");
  char path[4096], *text;
  Reader reader = {path, self, message, message_bytes};
  json_error_t error;
  json_t *root;
  ssize_t length;
  bool good;

  reader.path = name;
  if (strchr (name, '/') == NULL && (name_bytes <= 5 || strcmp (name + name_bytes - 5, ".json") != 0))
    {
      if (!is_id (name))
        return refuse (&reader, "is neither the id of a profile nor a file's name with \"/\" or \".json\" in it.");
      if (folder == NULL)
        folder = LDS_PKGDATADIR "/profiles";
      if ((size_t)snprintf (path, sizeof path, "%s/%s.json", folder, name) >= sizeof path)
        return refuse (&reader, "has a path that is too long.");
      reader.path = path;
    }
  text = malloc (LDS_PROFILE_MAX_FILE_BYTES + 1);
  length = text != NULL ? read_file (&reader, text) : -1;
  if (text == NULL)
    refuse (&reader, "cannot be read: there is not enough memory.");
  if (length < 0)
    {
      free (text);
      return false;
    }
  root = json_loadb (text, (size_t)length, JSON_REJECT_DUPLICATES, &error);
  free (text);
  if (root == NULL)
    return refuse (&reader, "is not JSON: line %d: %s.", error.line, error.text);
  good = read_profile (&reader, root);
  json_decref (root);
  return good;
}
