"""The engines that can confine a program, behind one interface."""
