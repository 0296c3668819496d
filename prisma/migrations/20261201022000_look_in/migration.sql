-- What a helper is sent for when nobody speaks and nobody was reached. The ladder needs it in every centre from its first start;
-- one that has it keeps its own.
INSERT INTO catalogue_item (code, name, name_en, class, priority, skill, target_minutes, position)
VALUES ('no-answer', '无应答上门查看', 'No answer: look in at the home', 'emergency', 1, 'first-aid', 15, 40)
ON CONFLICT (code) DO NOTHING;
