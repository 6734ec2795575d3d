"""What claims refer to."""

ELMAN_1990 = "Elman (1990), Finding structure in time, Cognitive Science 14"
HOCHREITER_1997 = "Hochreiter & Schmidhuber (1997), Long short-term memory, Neural Computation 9(8)"
GERS_2000 = (
    "Gers, Schmidhuber & Cummins (2000), Learning to forget: continual prediction with LSTM, "
    "Neural Computation 12(10)"
)
CHO_2014 = (
    "Cho et al. (2014), Learning phrase representations using RNN encoder-decoder for statistical "
    "machine translation, EMNLP (arXiv:1406.1078, v1 and v3)"
)
CHUNG_2014 = (
    "Chung et al. (2014), Empirical evaluation of gated recurrent neural networks on sequence "
    "modeling, arXiv:1412.3555"
)
GREFF_2017 = (
    "Greff et al. (2017), LSTM: a search space odyssey, IEEE Transactions on Neural Networks and "
    "Learning Systems 28(10)"
)
SAK_2014 = (
    "Sak, Senior & Beaufays (2014), Long short-term memory recurrent neural network architectures "
    "for large scale acoustic modeling, Interspeech"
)
HIGHAM_2002 = (
    "Higham (2002), Accuracy and Stability of Numerical Algorithms, 2nd ed., sections 2, 3"
)
