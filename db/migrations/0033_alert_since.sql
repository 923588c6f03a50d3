-- When the alert began, by the clock of its sender: the latest such moment that was reported. A message that reports a later one is about
-- another firing, however alike the texts are.
alter table alert add column since integer;
