"""What one browser session knows: its state and address, its visitor, and results that are kept.

It may import `mnist_core` and nothing else of `ui`; of Streamlit it uses state, not elements.
"""
