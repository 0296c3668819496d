-- A media host: a server process with a media process beside it. It says that it is alive every second; the calls that it
-- carries name it, and end as media-lost when it is not heard of any more.
CREATE TABLE media_host (
  id uuid PRIMARY KEY,
  seen_at timestamptz NOT NULL,
  legs int NOT NULL DEFAULT 0,
  legs_max int NOT NULL
);
ALTER TABLE call ADD COLUMN media_host_id uuid;
ALTER TABLE operator_leg ADD COLUMN media_host_id uuid;
