"""Threads beside the kernel's main one, and interrupts that must not break what they do."""
