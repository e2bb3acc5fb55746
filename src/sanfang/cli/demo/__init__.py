"""``sanfang demo``: an enterprise, the platform and an ISV do what the whole system exists for.

Platform and ISV are child processes; between them, and between the story and them, is only HTTP.
``steps`` are what happens, ``story`` is who takes part, ``children`` keeps the processes, ``isv`` is
the ISV's program, ``screen`` shows the steps, ``command`` is the command.
"""
