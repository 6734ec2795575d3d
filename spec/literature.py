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
GERS_2001 = (
    "Gers & Schmidhuber (2001), LSTM recurrent networks learn simple context-free and "
    "context-sensitive languages, IEEE Transactions on Neural Networks 12(6)"
)
WEISS_2018 = (
    "Weiss, Goldberg & Yahav (2018), On the practical computational power of finite precision RNNs "
    "for language recognition, ACL (arXiv:1805.04908)"
)
SCHUSTER_1997 = (
    "Schuster & Paliwal (1997), Bidirectional recurrent neural networks, IEEE Transactions on "
    "Signal Processing 45(11)"
)
GRAVES_2013 = (
    "Graves, Mohamed & Hinton (2013), Speech recognition with deep recurrent neural networks, "
    "ICASSP"
)
PASCANU_2014 = (
    "Pascanu et al. (2014), How to construct deep recurrent neural networks, ICLR (arXiv:1312.6026)"
)
HERMANS_2013 = (
    "Hermans & Schrauwen (2013), Training and analysing deep recurrent neural networks, NeurIPS"
)
WERBOS_1990 = (
    "Werbos (1990), Backpropagation through time: what it does and how to do it, Proceedings of "
    "the IEEE 78(10)"
)
JOZEFOWICZ_2015 = (
    "Jozefowicz, Zaremba & Sutskever (2015), An empirical exploration of recurrent network "
    "architectures, ICML"
)
HUANG_2015 = (
    "Huang, Xu & Yu (2015), Bidirectional LSTM-CRF models for sequence tagging, arXiv:1508.01991"
)
BAHDANAU_2015 = (
    "Bahdanau, Cho & Bengio (2015), Neural machine translation by jointly learning to align and "
    "translate, ICLR (arXiv:1409.0473)"
)
GERS_2002 = (
    "Gers, Schraudolph & Schmidhuber (2002), Learning precise timing with LSTM recurrent networks, "
    "Journal of Machine Learning Research 3"
)
SAK_2014 = (
    "Sak, Senior & Beaufays (2014), Long short-term memory recurrent neural network architectures "
    "for large scale acoustic modeling, Interspeech"
)
GAL_2016 = (
    "Gal & Ghahramani (2016), A theoretically grounded application of dropout in recurrent neural "
    "networks, NeurIPS (arXiv:1512.05287)"
)
ONNX_OPERATORS = "ONNX, operator specifications RNN-22, GRU-22 and LSTM-22"
IEEE_754 = "IEEE Std 754-2019, Floating-point arithmetic"
