-- In which form of `searchText` the search columns are written. An older one is written anew, a few rows at a time, while the product runs.
ALTER TABLE system ADD COLUMN search_version integer NOT NULL DEFAULT 1;
