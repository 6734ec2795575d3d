"""Cards 8, 9, 11 and 12: what is true of trained networks, on data, on average.

No single case can decide these: each is an experiment, with seeds, an effect size and an interval.
"""

from __future__ import annotations

from rnnspec.spec.claim import Erratum, finding
from rnnspec.spec.literature import (
    BAHDANAU_2015,
    CHUNG_2014,
    GERS_2001,
    GRAVES_2013,
    HERMANS_2013,
    HUANG_2015,
    JOZEFOWICZ_2015,
    SCHUSTER_1997,
    WEISS_2018,
)

finding(
    "compare.simple-task",
    card=8,
    statement="On a simple task a GRU does as well as an LSTM, with fewer parameters.",
    seen="Both trained with an equal budget on a task of short memory, over several seeds.",
    literature=(CHUNG_2014, JOZEFOWICZ_2015),
)
finding(
    "compare.complex-task",
    card=8,
    statement="On tasks that need counting or a long memory an LSTM does better than a GRU.",
    seen="Counting languages at lengths beyond those of the training, over several seeds.",
    literature=(GERS_2001, WEISS_2018),
)
finding(
    "deep.timescales",
    card=9,
    statement="Higher layers hold a longer context: words, then sentences, then paragraphs.",
    seen="How far back the state of each layer depends on the input, in a layered language.",
    literature=(HERMANS_2013,),
)
finding(
    "deep.more-data",
    card=9,
    statement="Depth pays where there is more data and more computation.",
    seen="Depth against the size of the training set, over several seeds.",
    literature=(GRAVES_2013,),
)
finding(
    "apply.ner",
    card=11,
    statement="For finding the names in a text, two directions do better than one.",
    seen="Each word is labelled, by one direction and by two, over several seeds.",
    literature=(HUANG_2015,),
)
finding(
    "apply.pos-tagging",
    card=11,
    statement="For telling the part of speech of each word, two directions do better than one.",
    seen="Each word is labelled, by one direction and by two, over several seeds.",
    literature=(HUANG_2015,),
)
finding(
    "apply.translation",
    card=11,
    statement="For translation, an encoder of two directions does better than one of one.",
    seen="An encoder and a decoder, over several seeds.",
    literature=(BAHDANAU_2015,),
)
finding(
    "apply.sentiment",
    card=11,
    statement="A classifier on two directions learns the sentiment of a text.",
    seen="Against always saying the most frequent class, and against one direction.",
    literature=(SCHUSTER_1997,),
)
finding(
    "apply.forecasting",
    card=11,
    statement="A network of two directions forecasts a time series.",
    seen="Against persistence and against a seasonal baseline.",
    errata=(
        Erratum(
            card="Networks of two directions suit the forecasting of time series.",
            stops="The future that is to be forecast cannot be read: two directions help inside "
            "the known window only.",
            smallest="a window of one step: the second direction reads what the first one does",
        ),
    ),
    literature=(SCHUSTER_1997,),
)
finding(
    "bi.overfits",
    card=12,
    statement=(
        "With more capacity, two directions show a larger gap between the errors in training and "
        "in testing where data are few."
    ),
    seen="The gap against the size of the training set, for one direction and two.",
    literature=(SCHUSTER_1997,),
)
