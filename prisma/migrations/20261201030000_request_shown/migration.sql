-- When the request was first seen to stand on a responder's page. An open connection says nothing of it.
ALTER TABLE assignment ADD COLUMN shown_at timestamptz;
