"""The API in process, on moto: every rule of HTTP for every noun, and what is each noun's own."""
