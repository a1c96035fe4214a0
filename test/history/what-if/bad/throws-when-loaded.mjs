throw new Error('no coffee');
