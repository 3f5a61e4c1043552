/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the connections of one thread receive. */
#include "lds-load-audience.h"

/* A larger gap is no gap: the server began to count anew, or counts something else. */
#define MAX_GAP 1000000

void
lds_load_audience_begin (LdsLoadAudience *self)
{
  self->has_begun = true;
  self->n_members = self->n_open;
}

void
lds_load_audience_join (LdsLoadAudience *self,
                        LdsLoadMember *member)
{
  *member = (LdsLoadMember){.is_open = true, .is_counted = !self->has_begun};
  self->n_open += member->is_counted;
}

void
lds_load_audience_leave (LdsLoadAudience *self,
                         LdsLoadMember *member)
{
  if (member->is_open && member->is_counted)
    {
      self->n_open--;
      self->n_past -= member->is_past;
      self->n_had -= member->n_had;
    }
  member->is_open = false;
}

static bool
is_measured (const LdsLoadAudience *self,
             int64_t sent_ns)
{
  return sent_ns >= self->begin_ns && sent_ns < self->end_ns;
}

bool
lds_load_audience_send (LdsLoadAudience *self,
                        LdsLoadTally *tally,
                        int64_t now_ns)
{
  if (!is_measured (self, now_ns))
    return false;
  self->n_sent++;
  tally->messages++;
  return true;
}

/* Returns how many ticks are missing before this one. */
static uint64_t
follow (LdsLoadMember *member,
        uint64_t seq)
{
  uint64_t gap = member->next_seq > 0 && seq > member->next_seq ? seq - member->next_seq : 0;

  member->next_seq = seq + 1;
  return gap <= MAX_GAP ? gap : 0;
}

void
lds_load_audience_take (LdsLoadAudience *self,
                        LdsLoadTally *tally,
                        LdsLoadMember *member,
                        const LdsLoadStamp *stamp,
                        int64_t now_ns)
{
  bool measured = is_measured (self, stamp->sent_ns);
  uint64_t gap = self->by_ticks && stamp->has_seq ? follow (member, stamp->seq) : 0;

  /* What comes from the future is not of this machine's clock. */
  if (stamp->sent_ns > now_ns)
    {
      tally->unstamped++;
      return;
    }
  if (measured == self->has_begun)
    {
      tally->deliveries++;
      lds_histogram_record (&tally->delivery, now_ns - stamp->sent_ns);
    }
  else
    tally->carried_deliveries++;
  if (measured)
    {
      member->n_had++;
      if (member->n_had > self->most)
        self->most = member->n_had;
      tally->missed_ticks += gap;
    }
  else if (member->is_counted && !member->is_past && stamp->sent_ns >= self->end_ns)
    {
      member->is_past = true;
      self->n_past++;
    }
  self->n_had += measured && member->is_counted;
}

bool
lds_load_audience_has_all (const LdsLoadAudience *self,
                           uint64_t n_messages)
{
  return self->by_ticks ? self->n_past >= self->n_open : self->n_had >= n_messages * self->n_open;
}
