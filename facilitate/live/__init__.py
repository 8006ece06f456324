"""Running sessions: clock, runner, lobby, fan-out and the Socket.IO gateway."""
