"""An executable specification of recurrent layers, and the suite that holds others to it."""
