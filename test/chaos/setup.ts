// Crash tests start, kill and restart whole processes.
jest.setTimeout(120_000);
