"""What is signed and sent. No module here knows a request or an application: each
takes bytes, text and plain values.
"""
