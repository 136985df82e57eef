// Ranks what a search of this documentation finds; "html_search_scorer" in conf.py
// names this file. A title in the glossary goes first: it explains the word that was
// asked for. All else is as Sphinx has it, whose scorer this one takes the place of.
var Scorer = {
  score: ([page, title, anchor, description, score, file, kind]) =>
    page === "glossary" && kind === "title" ? score + 200 : score,
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
}
